/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "attendant_parts.h"
#include "audit_netlink.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A log's name, a dot and a number. */
#define ROTATED_MAX (NAME_MAX + 12)

static int fail(struct nst_attendant_reply *reply, enum nst_attendant_step step, int error)
{
	reply->step = step;
	reply->error = error;
	return -1;
}

/* As FileDescriptor.isOwnFile: 0, or the errno. */
static int refusal(int fd)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return errno;
	if (S_ISFIFO(status.st_mode))
		return status.st_uid == geteuid() || status.st_uid == 0 ? 0 : EPERM;
	if (!S_ISREG(status.st_mode))
		return 0;
	if (status.st_uid != geteuid())
		return EPERM;
	return status.st_nlink > 1 ? EMLINK : 0;
}

/* The descriptor; -1 if the file cannot be opened, or refuse(fd) has an errno. */
static int open_own(int directory, const char *name, int (*refuse)(int fd),
		    struct nst_attendant_reply *reply)
{
	int fd = openat(directory, name, NST_APPENDING, 0600);
	int error = fd < 0 ? errno : refuse(fd);

	if (error == 0)
		return fd;
	if (fd < 0)
		return fail(reply, NST_ATTENDANT_OPEN, error);
	close(fd);
	return fail(reply, NST_ATTENDANT_OWN, error);
}

static int reopen_log(const struct nst_attendant *attendant, struct nst_attendant_reply *reply)
{
	return open_own(attendant->log.directory, attendant->log.name, refusal, reply);
}

/* Number 0 is the log itself. */
static const char *rotated(const struct nst_attendant *attendant, unsigned int number,
			   char name[ROTATED_MAX])
{
	if (number == 0)
		snprintf(name, ROTATED_MAX, "%s", attendant->log.name);
	else
		snprintf(name, ROTATED_MAX, "%s.%u", attendant->log.name, number);
	return name;
}

/* A log that was never rotated so often, or that somebody has moved, is no error. */
static int move_up(const struct nst_attendant *attendant, unsigned int number)
{
	char from[ROTATED_MAX], to[ROTATED_MAX];

	if (syscall(SYS_renameat2, attendant->log.directory, rotated(attendant, number, from),
		    attendant->log.directory, rotated(attendant, number + 1, to), 0) == 0)
		return 0;
	return errno == ENOENT ? 0 : errno;
}

static int remove_log(const struct nst_attendant *attendant, unsigned int number)
{
	char name[ROTATED_MAX];

	return unlinkat(attendant->log.directory, rotated(attendant, number, name), 0) == 0 ? 0 :
											      errno;
}

static int rotate_log(const struct nst_attendant *attendant, struct nst_attendant_reply *reply)
{
	int error = 0;

	if (attendant->log_device >= 0)
		return fail(reply, NST_ATTENDANT_RENAME, EINVAL);
	if (attendant->log_keep == 0) {
		error = remove_log(attendant, 0);
		if (error != 0 && error != ENOENT)
			return fail(reply, NST_ATTENDANT_REMOVE, error);
		return reopen_log(attendant, reply);
	}
	for (unsigned int number = attendant->log_keep; number-- > 0 && error == 0;)
		error = move_up(attendant, number);
	return error ? fail(reply, NST_ATTENDANT_RENAME, error) : reopen_log(attendant, reply);
}

static int remove_oldest_log(const struct nst_attendant *attendant,
			     struct nst_attendant_reply *reply)
{
	int error = ENOENT;

	for (unsigned int number = attendant->log_keep; number > 0 && error == ENOENT; number--)
		error = remove_log(attendant, number);
	return error ? fail(reply, NST_ATTENDANT_REMOVE, error) : -1;
}

/* --- The keeper ------------------------------------------------------------------------------- */

static const char *const pin_names[] = NST_KEEPER_PIN_NAMES;

/* By a name in the working directory: libbpf is not for this process. */
static int pin_at(const char *name, int fd)
{
	union bpf_attr attributes = { .pathname = (__u64)(unsigned long)name, .bpf_fd = fd };

	return syscall(SYS_bpf, BPF_OBJ_PIN, &attributes, sizeof(attributes)) == 0 ? 0 : errno;
}

static int unpin_keeper(const struct nst_attendant *attendant, struct nst_attendant_reply *reply)
{
	for (int pin = NST_KEEPER_PINS; pin-- > 0;) {
		if (unlinkat(attendant->keep_directory, pin_names[pin], 0) != 0 && errno != ENOENT)
			return fail(reply, NST_ATTENDANT_PIN, errno);
	}
	return -1;
}

static int rest_keeper(const struct nst_attendant *attendant, struct nst_attendant_reply *reply)
{
	int error;

	if (unlinkat(attendant->keep_directory, NST_KEEPER_REST_NAME, 0) != 0 && errno != ENOENT)
		return fail(reply, NST_ATTENDANT_PIN, errno);
	error = pin_at(NST_KEEPER_REST_NAME, attendant->keeper[NST_KEEPER_STATE]);
	return error ? fail(reply, NST_ATTENDANT_PIN, error) : unpin_keeper(attendant, reply);
}

/* All or nothing. What was pinned before by somebody else stays. */
static int pin_keeper(const struct nst_attendant *attendant, struct nst_attendant_reply *reply)
{
	for (int pin = 0; pin < NST_KEEPER_PINS; pin++) {
		int error = pin_at(pin_names[pin], attendant->keeper[pin]);

		if (error == 0)
			continue;
		while (pin-- > 0)
			unlinkat(attendant->keep_directory, pin_names[pin], 0);
		return fail(reply, NST_ATTENDANT_PIN, error);
	}
	return -1;
}

static int is_in_its_place(const struct nst_attendant *attendant)
{
	const struct nst_place *keep = &attendant->keep;
	struct stat own, now;

	return fstat(attendant->keep_directory, &own) == 0 &&
	       fstatat(keep->directory, keep->name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
	       now.st_dev == own.st_dev && now.st_ino == own.st_ino;
}

/* With the claim: a tracer that has it already is about to pin a keeper there. */
void nst_attendant_remove_keep(const struct nst_attendant *attendant)
{
	if (attendant->keep_directory >= 0 &&
	    flock(attendant->keep_directory, LOCK_EX | LOCK_NB) == 0 && is_in_its_place(attendant))
		unlinkat(attendant->keep.directory, attendant->keep.name, AT_REMOVEDIR);
}

/* --- The kernel's audit ------------------------------------------------------------------------ */

static int ask_audit(const struct nst_attendant *attendant, struct nst_attendant_reply *reply)
{
	struct nst_audit_status status;
	int result;

	if (attendant->audit < 0)
		return fail(reply, NST_ATTENDANT_UNDERSTAND, ENOENT);
	result = nst_audit_ask(attendant->audit, &status);
	if (result != 0)
		return fail(reply, NST_ATTENDANT_AUDIT, -result);
	reply->number = status.lost;
	return -1;
}

/* --- Containers' copies ----------------------------------------------------------------------- */

/* A UUID, a dot, "log" and a NUL. */
#define ROUTE_MAX 41

/* As ContainerID.description. */
static const char *name_of(uint64_t high, uint64_t low, char name[ROUTE_MAX])
{
	if (high == 0)
		snprintf(name, ROUTE_MAX, "%llu.log", (unsigned long long)low);
	else
		snprintf(name, ROUTE_MAX, "%08x-%04x-%04x-%04x-%012llx.log",
			 (unsigned int)(high >> 32), (unsigned int)(high >> 16 & 0xffff),
			 (unsigned int)(high & 0xffff), (unsigned int)(low >> 48),
			 (unsigned long long)(low & 0xffffffffffffULL));
	return name;
}

static const char *route_name(const struct nst_attendant *attendant,
			      const struct nst_attendant_request *request, char name[ROUTE_MAX])
{
	for (size_t i = 0; i < attendant->route_count; i++) {
		const struct nst_attendant_route *route = &attendant->route_names[i];

		if (route->contid_high == request->contid_high &&
		    route->contid_low == request->contid_low)
			return route->name;
	}
	return name_of(request->contid_high, request->contid_low, name);
}

/* As FileDescriptor.appending(_:in:): 0, or the errno. */
static int route_refusal(int fd)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return errno;
	if (!S_ISREG(status.st_mode))
		return EINVAL;
	if (status.st_uid != geteuid())
		return EPERM;
	if (status.st_mode & (S_IWGRP | S_IWOTH))
		return EACCES;
	return status.st_nlink > 1 ? EMLINK : 0;
}

static int open_route(const struct nst_attendant *attendant,
		      const struct nst_attendant_request *request,
		      struct nst_attendant_reply *reply)
{
	char name[ROUTE_MAX];

	if (attendant->routes < 0)
		return fail(reply, NST_ATTENDANT_UNDERSTAND, ENOENT);
	return open_own(attendant->routes, route_name(attendant, request, name), route_refusal,
			reply);
}

/* --- Any request ------------------------------------------------------------------------------ */

static int do_with_log(const struct nst_attendant *attendant,
		       const struct nst_attendant_request *request,
		       struct nst_attendant_reply *reply)
{
	if (attendant->log.directory < 0)
		return fail(reply, NST_ATTENDANT_UNDERSTAND, ENOENT);
	if (request->kind == NST_ATTENDANT_REOPEN_LOG)
		return reopen_log(attendant, reply);
	if (request->kind == NST_ATTENDANT_ROTATE_LOG)
		return rotate_log(attendant, reply);
	return remove_oldest_log(attendant, reply);
}

static int do_with_keeper(const struct nst_attendant *attendant,
			  const struct nst_attendant_request *request,
			  struct nst_attendant_reply *reply)
{
	if (attendant->keep_directory < 0)
		return fail(reply, NST_ATTENDANT_UNDERSTAND, ENOENT);
	if (request->kind == NST_ATTENDANT_PIN_KEEPER)
		return pin_keeper(attendant, reply);
	if (request->kind == NST_ATTENDANT_REST_KEEPER)
		return rest_keeper(attendant, reply);
	return unpin_keeper(attendant, reply);
}

int nst_attendant_do(const struct nst_attendant *attendant,
		     const struct nst_attendant_request *request, struct nst_attendant_reply *reply)
{
	switch (request->kind) {
	case NST_ATTENDANT_REOPEN_LOG:
	case NST_ATTENDANT_ROTATE_LOG:
	case NST_ATTENDANT_REMOVE_OLDEST_LOG:
		return do_with_log(attendant, request, reply);
	case NST_ATTENDANT_PIN_KEEPER:
	case NST_ATTENDANT_UNPIN_KEEPER:
	case NST_ATTENDANT_REST_KEEPER:
		return do_with_keeper(attendant, request, reply);
	case NST_ATTENDANT_AUDIT_LOST:
		return ask_audit(attendant, reply);
	case NST_ATTENDANT_OPEN_ROUTE:
		return open_route(attendant, request, reply);
	default:
		return fail(reply, NST_ATTENDANT_UNDERSTAND, ENOSYS);
	}
}

void nst_attendant_remove_control(const struct nst_attendant *attendant)
{
	const struct nst_place *control = &attendant->control;
	struct stat own, now;

	if (attendant->control_socket >= 0 && fstat(attendant->control_socket, &own) == 0 &&
	    fstatat(control->directory, control->name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISSOCK(now.st_mode) && now.st_dev == own.st_dev && now.st_ino == own.st_ino)
		unlinkat(control->directory, control->name, 0);
}
