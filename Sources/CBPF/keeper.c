/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "keeper.h"

#include "keeper_parts.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#if !__has_include("keeper.skel.h")
#error "the keeper's skeleton has not been generated: run make, not swift build"
#endif
#include "keeper.skel.h"

struct nst_keeper {
	struct keeper_bpf *skel; /* NULL: it was found */
	/* by enum nst_keeper_pin; of the skeleton if there is one */
	int fds[NST_KEEPER_PINS];
	/* mapped, if it is open to be written */
	struct nst_keeper_state *state;
	struct nst_keeper_visits *visits;
	int writes;
};

static struct nst_keeper *refuse(struct nst_keeper *keeper, struct nst_keeper_status *status,
				 enum nst_keeper_finding finding, int error)
{
	if (keeper)
		nst_keeper_close(keeper);
	status->finding = finding;
	status->error_number = error;
	return NULL;
}

static struct nst_keeper *allocate(void)
{
	struct nst_keeper *keeper = calloc(1, sizeof(*keeper));

	for (int pin = 0; keeper && pin < NST_KEEPER_PINS; pin++)
		keeper->fds[pin] = -1;
	return keeper;
}

#define VISITS_BYTES (NST_KEEPER_PAGES * sizeof(struct nst_keeper_visits))

/* The kernel maps no map that is open only to be read. */
static void *map_pin(const struct nst_keeper *keeper, enum nst_keeper_pin pin, size_t bytes)
{
	void *mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, keeper->fds[pin], 0);

	return mapped == MAP_FAILED ? NULL : mapped;
}

static int map_state(struct nst_keeper *keeper)
{
	keeper->state = map_pin(keeper, NST_KEEPER_STATE, sizeof(*keeper->state));
	return keeper->state ? 0 : -errno;
}

static int map_visits(struct nst_keeper *keeper)
{
	keeper->visits = map_pin(keeper, NST_KEEPER_VISITS, VISITS_BYTES);
	return keeper->visits ? 0 : -errno;
}

void nst_keeper_close(struct nst_keeper *keeper)
{
	if (keeper->state)
		munmap(keeper->state, sizeof(*keeper->state));
	if (keeper->visits)
		munmap(keeper->visits, VISITS_BYTES);
	for (int pin = 0; !keeper->skel && pin < NST_KEEPER_PINS; pin++) {
		if (keeper->fds[pin] >= 0)
			close(keeper->fds[pin]);
	}
	keeper_bpf__destroy(keeper->skel);
	free(keeper);
}

int nst_keeper_is_found(const struct nst_keeper *keeper)
{
	return !keeper->skel;
}

int nst_keeper_descriptor(const struct nst_keeper *keeper, enum nst_keeper_pin pin)
{
	return keeper->fds[pin];
}

/* --- Made ------------------------------------------------------------------------------------- */

static void begin_state(struct nst_keeper_state *state)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	state->magic = NST_KEEPER_MAGIC;
	state->version = NST_KEEPER_VERSION;
	state->size = sizeof(*state);
	state->made_ns = now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void take_descriptors(struct nst_keeper *keeper)
{
	struct keeper_bpf *skel = keeper->skel;

	keeper->fds[NST_KEEPER_STATE] = bpf_map__fd(skel->maps.state);
	keeper->fds[NST_KEEPER_REGISTERED] = bpf_map__fd(skel->maps.registrations);
	keeper->fds[NST_KEEPER_NUMBERS] = bpf_map__fd(skel->maps.numbers);
	keeper->fds[NST_KEEPER_SESSIONS_BEGUN] = bpf_map__fd(skel->maps.sessions);
	keeper->fds[NST_KEEPER_VISITS] = bpf_map__fd(skel->maps.visits);
	keeper->fds[NST_KEEPER_STAINED] = bpf_map__fd(skel->maps.stains);
	keeper->fds[NST_KEEPER_PROGRAM] = bpf_program__fd(skel->progs.keep_birth);
	keeper->fds[NST_KEEPER_LINK] = bpf_link__fd(skel->links.keep_birth);
}

static void be_quiet(int verbose)
{
	if (!verbose)
		libbpf_set_print(NULL);
}

struct nst_keeper *nst_keeper_make(int verbose, struct nst_keeper_status *status)
{
	struct nst_keeper *keeper = allocate();

	if (!keeper)
		return refuse(NULL, status, NST_KEEPER_NOT_LOADED, ENOMEM);
	be_quiet(verbose);
	keeper->writes = 1;
	keeper->skel = keeper_bpf__open_and_load();
	if (!keeper->skel || keeper_bpf__attach(keeper->skel) != 0)
		return refuse(keeper, status, NST_KEEPER_NOT_LOADED, errno);
	take_descriptors(keeper);
	if (map_state(keeper) != 0 || map_visits(keeper) != 0)
		return refuse(keeper, status, NST_KEEPER_NOT_LOADED, errno);
	begin_state(keeper->state);
	return keeper;
}

/* --- Found ------------------------------------------------------------------------------------ */

static int is_anything_pinned(const struct nst_keeper *keeper)
{
	for (int pin = 0; pin < NST_KEEPER_PINS; pin++) {
		if (keeper->fds[pin] >= 0)
			return 1;
	}
	return 0;
}

/* A missing pin leaves -1. Another failure: the pin, in `status`, and -1. */
static int open_pins(struct nst_keeper *keeper, int directory, struct nst_keeper_status *status)
{
	for (int pin = 0; pin < NST_KEEPER_PINS; pin++) {
		keeper->fds[pin] = nst_keeper_open_pin(directory, pin, keeper->writes);
		if (keeper->fds[pin] >= 0 || errno == ENOENT)
			continue;
		status->pin = pin;
		return -1;
	}
	return 0;
}

static enum nst_keeper_finding judge_state(const struct nst_keeper_state *state)
{
	if (state->magic != NST_KEEPER_MAGIC)
		return NST_KEEPER_FOREIGN;
	if (state->version != NST_KEEPER_VERSION)
		return NST_KEEPER_VERSION_UNKNOWN;
	return state->size == sizeof(*state) ? NST_KEEPER_WHOLE : NST_KEEPER_FOREIGN;
}

/* Without a state there is no version, and the pins may be anybody's. */
static enum nst_keeper_finding find_state(struct nst_keeper *keeper,
					  struct nst_keeper_status *status)
{
	struct nst_keeper_state state;
	__u32 key = 0;

	status->pin = NST_KEEPER_STATE;
	if (!nst_keeper_is_state(keeper->fds[NST_KEEPER_STATE]))
		return NST_KEEPER_FOREIGN;
	if (keeper->writes && map_state(keeper) != 0)
		return NST_KEEPER_UNREADABLE;
	/* The map may have larger values: a state of another version. */
	nst_keeper_look_up(keeper->fds[NST_KEEPER_STATE], &key, &state, sizeof(state));
	status->version = state.version;
	if (judge_state(&state) == NST_KEEPER_WHOLE) {
		status->last_number = state.last_number;
		status->last_session = state.last_session;
	}
	return judge_state(&state);
}

struct nst_keeper *nst_keeper_find(int directory, int writes, struct nst_keeper_status *status)
{
	struct nst_keeper *keeper = allocate();
	enum nst_keeper_finding finding;

	memset(status, 0, sizeof(*status));
	if (!keeper)
		return refuse(NULL, status, NST_KEEPER_UNREADABLE, ENOMEM);
	keeper->writes = writes;
	if (open_pins(keeper, directory, status) != 0)
		return refuse(keeper, status, NST_KEEPER_UNREADABLE, errno);
	if (!is_anything_pinned(keeper))
		return refuse(keeper, status, NST_KEEPER_NONE, 0);
	finding = find_state(keeper, status);
	if (finding == NST_KEEPER_WHOLE)
		finding = nst_keeper_judge(keeper->fds, status);
	if (finding == NST_KEEPER_WHOLE && writes && map_visits(keeper) != 0)
		finding = NST_KEEPER_UNREADABLE;
	if (finding != NST_KEEPER_WHOLE)
		return refuse(keeper, status, finding, errno);
	status->finding = NST_KEEPER_WHOLE;
	return keeper;
}

/* --- Renewed ---------------------------------------------------------------------------------- */

static int reuse(struct keeper_bpf *skel, const int fds[NST_KEEPER_PINS])
{
	struct bpf_map *maps[] = { skel->maps.state,   skel->maps.registrations,
				   skel->maps.numbers, skel->maps.sessions,
				   skel->maps.visits,  skel->maps.stains };

	for (int pin = NST_KEEPER_STATE; pin <= NST_KEEPER_STAINED; pin++) {
		if (bpf_map__reuse_fd(maps[pin], fds[pin]) != 0)
			return -1;
	}
	return 0;
}

/* The program of this version over the keeper's maps, not attached; NULL with errno. */
static struct keeper_bpf *load_over(const struct nst_keeper *keeper)
{
	struct keeper_bpf *skel = keeper_bpf__open();
	int error;

	if (skel && reuse(skel, keeper->fds) == 0 && keeper_bpf__load(skel) == 0)
		return skel;
	error = errno;
	keeper_bpf__destroy(skel);
	errno = error;
	return NULL;
}

static void reopen_pin(struct nst_keeper *keeper, int directory, enum nst_keeper_pin pin)
{
	close(keeper->fds[pin]);
	keeper->fds[pin] = nst_keeper_open_pin(directory, pin, keeper->writes);
}

static int replace(struct nst_keeper *keeper, int directory, struct keeper_bpf *skel)
{
	int result;

	if (keeper_bpf__attach(skel) != 0)
		return -errno;
	result = nst_keeper_replace(directory, bpf_program__fd(skel->progs.keep_birth),
				    bpf_link__fd(skel->links.keep_birth));
	reopen_pin(keeper, directory, NST_KEEPER_PROGRAM);
	reopen_pin(keeper, directory, NST_KEEPER_LINK);
	return result;
}

int nst_keeper_renew(struct nst_keeper *keeper, int directory, int replaces, int verbose)
{
	struct keeper_bpf *skel;
	int result;

	be_quiet(verbose);
	skel = load_over(keeper);
	if (!skel)
		return -errno;
	result = !nst_keeper_is_same_program(keeper->fds[NST_KEEPER_PROGRAM],
					     bpf_program__fd(skel->progs.keep_birth));
	if (result && replaces) {
		result = replace(keeper, directory, skel);
		result = result == 0 ? 1 : result;
	}
	/* What is pinned stays. */
	keeper_bpf__destroy(skel);
	return result;
}

/* --- Read and written ------------------------------------------------------------------------- */

struct nst_keeper_state nst_keeper_state(const struct nst_keeper *keeper)
{
	struct nst_keeper_state state = { 0 };
	__u32 key = 0;

	if (keeper->state)
		return *keeper->state;
	/* Of just this size, once it has been judged. The sandbox allows no question about a map. */
	bpf_map_lookup_elem(keeper->fds[NST_KEEPER_STATE], &key, &state);
	return state;
}

__u64 nst_keeper_changes(const struct nst_keeper *keeper)
{
	return keeper->state ? __atomic_load_n(&keeper->state->changes, __ATOMIC_SEQ_CST) :
			       nst_keeper_state(keeper).changes;
}

void nst_keeper_set_flags(struct nst_keeper *keeper, __u32 flags)
{
	if (keeper->writes)
		__atomic_fetch_or(&keeper->state->flags, flags, __ATOMIC_SEQ_CST);
}

void nst_keeper_set_last_session(struct nst_keeper *keeper, __u32 number)
{
	if (keeper->writes)
		__atomic_store_n(&keeper->state->last_session, number, __ATOMIC_SEQ_CST);
}

static __u32 *visit_of(const struct nst_keeper *keeper, __u32 tgid)
{
	if (!keeper->writes || tgid / NST_KEEPER_PAGE >= NST_KEEPER_PAGES)
		return NULL;
	return &keeper->visits[tgid / NST_KEEPER_PAGE].of[tgid % NST_KEEPER_PAGE];
}

__u32 nst_keeper_visit(const struct nst_keeper *keeper, __u32 tgid)
{
	__u32 *visit = visit_of(keeper, tgid);

	return visit ? __atomic_load_n(visit, __ATOMIC_SEQ_CST) : 0;
}

void nst_keeper_set_visit(struct nst_keeper *keeper, __u32 tgid, __u32 visit)
{
	__u32 *place = visit_of(keeper, tgid);

	if (place)
		__atomic_store_n(place, visit, __ATOMIC_SEQ_CST);
}

void nst_keeper_begin_behind(struct nst_keeper *keeper, const struct nst_keeper_status *status)
{
	keeper->state->last_number = status->last_number;
	keeper->state->last_session = status->last_session;
}

static void set_under_way(struct nst_keeper *keeper, __u32 number)
{
	__atomic_store_n(&keeper->state->under_way, number, __ATOMIC_SEQ_CST);
}

static void raise_changes(struct nst_keeper *keeper)
{
	__atomic_fetch_add(&keeper->state->changes, 1, __ATOMIC_SEQ_CST);
}

int nst_keeper_put(struct nst_keeper *keeper, const struct nst_keeper_entry *entry)
{
	__u32 number = entry->kept.container;

	if (!keeper->writes)
		return -EROFS;
	/* Before it is there: else a tracer that ends in between would leave it granted. */
	set_under_way(keeper, number);
	if (bpf_map_update_elem(keeper->fds[NST_KEEPER_REGISTERED], &number, entry, BPF_ANY) != 0) {
		int error = errno;

		set_under_way(keeper, 0);
		return error == E2BIG || error == ENOMEM ? -ENOSPC : -error;
	}
	/* Behind both: who has read it finds the registration under way, granted or gone. */
	if (keeper->state->last_number < number)
		__atomic_store_n(&keeper->state->last_number, number, __ATOMIC_SEQ_CST);
	raise_changes(keeper);
	return 0;
}

void nst_keeper_grant(struct nst_keeper *keeper)
{
	if (!keeper->writes)
		return;
	set_under_way(keeper, 0);
	raise_changes(keeper);
}

int nst_keeper_remove(struct nst_keeper *keeper, __u32 number)
{
	if (!keeper->writes)
		return -EROFS;
	if (bpf_map_delete_elem(keeper->fds[NST_KEEPER_REGISTERED], &number) != 0 &&
	    errno != ENOENT)
		return -errno;
	if (keeper->state->under_way == number)
		set_under_way(keeper, 0);
	raise_changes(keeper);
	return 0;
}

int nst_keeper_next(const struct nst_keeper *keeper, int is_first, __u32 *number,
		    struct nst_keeper_entry *entry)
{
	int fd = keeper->fds[NST_KEEPER_REGISTERED];

	do {
		if (bpf_map_get_next_key(fd, is_first ? NULL : number, number) != 0)
			return errno == ENOENT ? 0 : -errno;
		is_first = 0;
		/* Another tracer may have removed it. */
	} while (bpf_map_lookup_elem(fd, number, entry) != 0);
	return nst_keeper_is_sound(*number, entry) ? 1 : -EBADMSG;
}
