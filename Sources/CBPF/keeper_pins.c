/* SPDX-License-Identifier: Apache-2.0 */
/* A keeper's pins, and whether what is pinned is a keeper. */
#define _GNU_SOURCE
#include "keeper_parts.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const pin_names[] = NST_KEEPER_PIN_NAMES;

/* --- Pins ------------------------------------------------------------------------------------- */

const char *nst_keeper_pin_name(enum nst_keeper_pin pin)
{
	return pin >= 0 && pin < NST_KEEPER_PINS ? pin_names[pin] : "";
}

/* Through the descriptor, so that a directory that replaces it meanwhile is not used. */
static const char *path_of(int directory, enum nst_keeper_pin pin, char path[NST_PIN_PATH])
{
	snprintf(path, NST_PIN_PATH, "/proc/self/fd/%d/%s", directory, pin_names[pin]);
	return path;
}

int nst_keeper_is_missing(int directory, const char *name)
{
	struct stat status;

	return fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT;
}

int nst_keeper_open_pin(int directory, enum nst_keeper_pin pin, int writes)
{
	/* Programs and links can only be opened to write. */
	int reads = !writes && pin < NST_KEEPER_PROGRAM;
	LIBBPF_OPTS(bpf_obj_get_opts, options, .file_flags = reads ? BPF_F_RDONLY : 0);
	char path[NST_PIN_PATH];

	return bpf_obj_get_opts(path_of(directory, pin, path), &options);
}

static int remove_rest(int directory)
{
	return unlinkat(directory, NST_KEEPER_REST_NAME, 0) == 0 || errno == ENOENT ? 0 : -errno;
}

static int remove_pins(int directory)
{
	for (int pin = NST_KEEPER_PINS; pin-- > 0;) {
		if (unlinkat(directory, pin_names[pin], 0) != 0 && errno != ENOENT)
			return -errno;
	}
	return nst_keeper_remove_unfinished(directory);
}

/* The state that is pinned, of any version, to be written; NULL: there is none. */
static struct nst_keeper_state *map_state(int directory)
{
	int fd = nst_keeper_open_pin(directory, NST_KEEPER_STATE, 1);
	void *mapped = MAP_FAILED;

	if (nst_keeper_is_state(fd))
		mapped = mmap(NULL, sizeof(struct nst_keeper_state), PROT_READ | PROT_WRITE,
			      MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	return mapped == MAP_FAILED ? NULL : mapped;
}

int nst_keeper_clear(int directory)
{
	struct nst_keeper_state *state = map_state(directory);
	int result = remove_pins(directory);

	if (state && result == 0 && state->magic == NST_KEEPER_MAGIC)
		__atomic_fetch_or(&state->flags, NST_KEEPER_REMOVED, __ATOMIC_SEQ_CST);
	if (state)
		munmap(state, sizeof(*state));
	return result;
}

int nst_keeper_unpin(int directory)
{
	int result = nst_keeper_clear(directory);

	return result == 0 ? remove_rest(directory) : result;
}

int nst_keeper_rest(const struct nst_keeper *keeper, int directory)
{
	char path[NST_PIN_PATH];
	int result = remove_rest(directory);

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", directory, NST_KEEPER_REST_NAME);
	if (result == 0 && bpf_obj_pin(nst_keeper_descriptor(keeper, NST_KEEPER_STATE), path) != 0)
		result = -errno;
	return result == 0 ? nst_keeper_clear(directory) : result;
}

int nst_keeper_pin(const struct nst_keeper *keeper, int directory)
{
	char path[NST_PIN_PATH];

	for (int pin = 0; pin < NST_KEEPER_PINS; pin++) {
		int error;

		if (bpf_obj_pin(nst_keeper_descriptor(keeper, pin),
				path_of(directory, pin, path)) == 0)
			continue;
		error = errno;
		if (error != EEXIST)
			remove_pins(directory);
		return -error;
	}
	return 0;
}

/* --- What is pinned --------------------------------------------------------------------------- */

/*
 * The kernel's answers about maps, programs and links cannot be told apart by themselves.
 */
static int is_kind(int fd, const char *kind)
{
	char link[64], path[64];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = readlink(path, link, sizeof(link) - 1);
	if (fd < 0 || length < 0)
		return 0;
	link[length] = 0;
	return strstr(link, kind) != NULL;
}

static int read_map_info(int fd, struct bpf_map_info *info)
{
	__u32 bytes = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return is_kind(fd, "bpf-map") && bpf_obj_get_info_by_fd(fd, info, &bytes) == 0;
}

/* A state of another version may be larger, within reason. */
#define STATE_BYTES_MAX 4096

int nst_keeper_is_state(int fd)
{
	struct bpf_map_info info;

	return read_map_info(fd, &info) && info.type == BPF_MAP_TYPE_ARRAY &&
	       info.max_entries == 1 && info.map_flags == BPF_F_MMAPABLE &&
	       info.value_size >= sizeof(struct nst_keeper_state) &&
	       info.value_size <= STATE_BYTES_MAX;
}

static int is_state(int fd)
{
	struct bpf_map_info info;

	return nst_keeper_is_state(fd) && read_map_info(fd, &info) &&
	       info.value_size == sizeof(struct nst_keeper_state);
}

static int are_registrations(int fd)
{
	struct bpf_map_info info;

	return read_map_info(fd, &info) && info.type == BPF_MAP_TYPE_HASH && info.key_size == 4 &&
	       info.value_size == sizeof(struct nst_keeper_entry) &&
	       info.max_entries == NST_KEEPER_REGISTRATIONS && info.map_flags == BPF_F_NO_PREALLOC;
}

static int are_numbers(int fd)
{
	struct bpf_map_info info;

	return read_map_info(fd, &info) && info.type == BPF_MAP_TYPE_ARRAY && info.key_size == 4 &&
	       info.value_size == 4 * NST_KEEPER_PAGE && info.max_entries == NST_KEEPER_PAGES &&
	       info.map_flags == 0;
}

static int are_sessions(int fd)
{
	struct bpf_map_info info;

	return read_map_info(fd, &info) && info.type == BPF_MAP_TYPE_HASH && info.key_size == 4 &&
	       info.value_size == sizeof(struct nst_keeper_session) &&
	       info.max_entries == NST_KEEPER_SESSIONS && info.map_flags == BPF_F_NO_PREALLOC;
}

static int are_visits(int fd)
{
	struct bpf_map_info info;

	return read_map_info(fd, &info) && info.type == BPF_MAP_TYPE_ARRAY && info.key_size == 4 &&
	       info.value_size == sizeof(struct nst_keeper_visits) &&
	       info.max_entries == NST_KEEPER_PAGES && info.map_flags == BPF_F_MMAPABLE;
}

static int are_stains(int fd)
{
	struct bpf_map_info info;

	return read_map_info(fd, &info) && info.type == BPF_MAP_TYPE_HASH &&
	       info.key_size == sizeof(struct nst_keeper_stain) && info.value_size == 8 &&
	       info.max_entries == NST_KEEPER_STAINS && info.map_flags == BPF_F_NO_PREALLOC;
}

#define PROGRAM "keep_birth"
#define MAPS_MAX 8

static int uses_map(const __u32 *maps, __u32 count, int fd)
{
	struct bpf_map_info info;

	if (!read_map_info(fd, &info))
		return 0;
	for (__u32 i = 0; i < count && i < MAPS_MAX; i++) {
		if (maps[i] == info.id)
			return 1;
	}
	return 0;
}

/* The program's id if it is a keeper's over these numbers and visits; else 0. */
static __u32 program_id(const int fds[NST_KEEPER_PINS])
{
	__u32 maps[MAPS_MAX] = { 0 };
	struct bpf_prog_info info = { .map_ids = (__u64)(unsigned long)maps,
				      .nr_map_ids = MAPS_MAX };
	__u32 bytes = sizeof(info);
	int fd = fds[NST_KEEPER_PROGRAM];

	if (!is_kind(fd, "bpf-prog") || bpf_obj_get_info_by_fd(fd, &info, &bytes) != 0)
		return 0;
	if (info.type != BPF_PROG_TYPE_TRACING || strcmp(info.name, PROGRAM) != 0)
		return 0;
	return uses_map(maps, info.nr_map_ids, fds[NST_KEEPER_NUMBERS]) &&
			       uses_map(maps, info.nr_map_ids, fds[NST_KEEPER_VISITS]) ?
		       info.id :
		       0;
}

__u32 nst_keeper_program_id(const struct nst_keeper *keeper)
{
	int fds[NST_KEEPER_PINS];

	for (int pin = 0; pin < NST_KEEPER_PINS; pin++)
		fds[pin] = nst_keeper_descriptor(keeper, pin);
	return program_id(fds);
}

/* Its name depends on the kernel. */
static int is_link_file(int fd)
{
	return is_kind(fd, "bpf-link") || is_kind(fd, "bpf_link");
}

static int is_link(const int fds[NST_KEEPER_PINS])
{
	char name[32] = "";
	struct bpf_link_info info = { .raw_tracepoint.tp_name = (__u64)(unsigned long)name,
				      .raw_tracepoint.tp_name_len = sizeof(name) };
	__u32 bytes = sizeof(info);
	int fd = fds[NST_KEEPER_LINK];

	if (!is_link_file(fd) || bpf_obj_get_info_by_fd(fd, &info, &bytes) != 0)
		return 0;
	return info.type == BPF_LINK_TYPE_RAW_TRACEPOINT && strcmp(name, "task_newtask") == 0 &&
	       info.prog_id == program_id(fds);
}

static int is_right(const int fds[NST_KEEPER_PINS], enum nst_keeper_pin pin)
{
	switch (pin) {
	case NST_KEEPER_STATE:
		return is_state(fds[pin]);
	case NST_KEEPER_REGISTERED:
		return are_registrations(fds[pin]);
	case NST_KEEPER_NUMBERS:
		return are_numbers(fds[pin]);
	case NST_KEEPER_SESSIONS_BEGUN:
		return are_sessions(fds[pin]);
	case NST_KEEPER_VISITS:
		return are_visits(fds[pin]);
	case NST_KEEPER_STAINED:
		return are_stains(fds[pin]);
	case NST_KEEPER_PROGRAM:
		return program_id(fds) != 0;
	case NST_KEEPER_LINK:
		return is_link(fds);
	default:
		return 0;
	}
}

enum nst_keeper_finding nst_keeper_judge(const int fds[NST_KEEPER_PINS],
					 struct nst_keeper_status *status)
{
	int has_link = fds[NST_KEEPER_LINK] >= 0;

	for (int pin = 0; pin < NST_KEEPER_PINS; pin++) {
		/* Made or removed by halves: what is there must be a keeper's still. */
		if (is_right(fds, pin) || (!has_link && fds[pin] < 0))
			continue;
		status->pin = pin;
		return NST_KEEPER_FOREIGN;
	}
	return has_link ? NST_KEEPER_WHOLE : NST_KEEPER_HALF;
}

int nst_keeper_look_up(int map, const void *key, void *value, size_t size)
{
	struct bpf_map_info info;
	void *whole;
	int result;

	memset(value, 0, size);
	if (!read_map_info(map, &info) || info.value_size < size)
		return -EINVAL;
	whole = malloc(info.value_size);
	if (!whole)
		return -ENOMEM;
	result = bpf_map_lookup_elem(map, key, whole) == 0 ? 0 : -errno;
	if (result == 0)
		memcpy(value, whole, size);
	free(whole);
	return result;
}

/* What is no state of a keeper has no flags. */
static int read_flags(int fd, __u32 *flags)
{
	struct nst_keeper_state state;
	__u32 key = 0;
	int result;

	if (!nst_keeper_is_state(fd))
		return 0;
	result = nst_keeper_look_up(fd, &key, &state, sizeof(state));
	if (result == 0 && state.magic == NST_KEEPER_MAGIC)
		*flags = state.flags;
	return result;
}

int nst_keeper_read_flags(int directory, __u32 *flags)
{
	int fd = nst_keeper_open_pin(directory, NST_KEEPER_STATE, 0), error = errno, result;

	*flags = 0;
	if (fd < 0)
		return nst_keeper_is_missing(directory, pin_names[NST_KEEPER_STATE]) ? 0 : -error;
	result = read_flags(fd, flags);
	close(fd);
	return result;
}

void nst_keeper_read_rest(int directory, struct nst_keeper_status *status)
{
	LIBBPF_OPTS(bpf_obj_get_opts, options, .file_flags = BPF_F_RDONLY);
	struct nst_keeper_state state = { 0 };
	char path[NST_PIN_PATH];
	__u32 key = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", directory, NST_KEEPER_REST_NAME);
	fd = bpf_obj_get_opts(path, &options);
	if (is_state(fd))
		nst_keeper_look_up(fd, &key, &state, sizeof(state));
	if (fd >= 0)
		close(fd);
	if (state.magic != NST_KEEPER_MAGIC || state.version != NST_KEEPER_VERSION)
		return;
	if (status->last_number < state.last_number)
		status->last_number = state.last_number;
	if (status->last_session < state.last_session)
		status->last_session = state.last_session;
}

int nst_keeper_is_sound(__u32 number, const struct nst_keeper_entry *entry)
{
	const struct nst_kept *kept = &entry->kept;

	return number != 0 && kept->container == number && kept->previous != number &&
	       kept->name_bytes < NST_KEEPER_NAME_BYTES && kept->members == 0 &&
	       kept->target_tid != 0 && (kept->contid_high & kept->contid_low) != ~0ULL;
}

int nst_keeper_is_sound_session(__u32 number, const struct nst_keeper_session *session)
{
	const struct nst_kept_session *kept = &session->kept;

	return number != 0 && kept->session == number && kept->containers != 0 &&
	       kept->containers <= NST_SESSION_CONTAINERS && kept->exe_bytes <= NST_PATH_BYTES;
}
