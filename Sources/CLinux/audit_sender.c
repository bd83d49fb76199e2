/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "audit_parts.h"
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* --- Both sides ------------------------------------------------------------------------------- */

int nst_audit_put(int fd, const void *text, size_t size)
{
	return send(fd, text, size, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)size ? 0 : -errno;
}

int nst_audit_hear(int fd, struct nst_audit_report *report)
{
	ssize_t size = recv(fd, report, sizeof(*report), MSG_DONTWAIT | MSG_TRUNC);

	if (size < 0)
		return errno == ECONNRESET ? 0 : -errno;
	if (size == 0)
		return 0;
	return size == sizeof(*report) ? 1 : -EBADMSG;
}

/* The length of the name at the beginning of `text`; 0: it is none of them. */
static size_t name_at(const struct nst_audit_plan *plan, const char *text, size_t size)
{
	for (size_t i = 0; i < plan->names_count; i++) {
		size_t length = strlen(plan->names[i]);

		if (length < size && memcmp(text, plan->names[i], length) == 0 &&
		    text[length] == ' ')
			return length;
	}
	return 0;
}

static int is_plain(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (text[i] < ' ' || text[i] > '~' || text[i] == '\'')
			return 0;
	}
	return 1;
}

int nst_audit_is_text(const struct nst_audit_plan *plan, const char *text, size_t size)
{
	return size > 3 && size <= NST_AUDIT_TEXT_MAX && memcmp(text, "op=", 3) == 0 &&
	       name_at(plan, text + 3, size - 3) > 0 && is_plain(text, size);
}

/* --- The sender ------------------------------------------------------------------------------- */

/* Nothing else is open. */
#define TRACER 0
#define TRAIL 1

#define SECOND 1000000000ULL

struct sender {
	const struct nst_audit_plan *plan;
	struct nst_audit_report report;
	/* when the next message would be due if there were no burst */
	uint64_t due;
};

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * SECOND + time.tv_nsec;
}

static void sleep_for(uint64_t nanoseconds)
{
	struct timespec left = { .tv_sec = nanoseconds / SECOND, .tv_nsec = nanoseconds % SECOND };

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		;
}

/* The tracer keeps the rate by itself. One that somebody has taken over has to wait here. */
static void keep_rate(struct sender *sender)
{
	uint64_t time = now(), interval = SECOND / sender->plan->rate;
	uint64_t ahead = interval * sender->plan->burst;

	if (sender->due < time)
		sender->due = time;
	sender->due += interval;
	if (sender->due > time + ahead)
		sleep_for(sender->due - time - ahead);
}

static void note(struct sender *sender, enum nst_audit_step step, int result)
{
	sender->report.taken++;
	sender->report.refused += result != 0;
	sender->report.step = result ? step : NST_AUDIT_NOTHING;
	sender->report.error = -result;
}

static void pass_on(struct sender *sender, const char *text, size_t size)
{
	if (!nst_audit_is_text(sender->plan, text, size))
		return note(sender, NST_AUDIT_UNDERSTAND, -EBADMSG);
	keep_rate(sender);
	note(sender, NST_AUDIT_SEND, nst_trail_send(TRAIL, sender->plan->type, text, size));
}

/* Waits for a tracer that lives. One that has ended hears nothing, and what it has left is sent. */
static void tell(const struct sender *sender)
{
	while (send(TRACER, &sender->report, sizeof(sender->report), MSG_NOSIGNAL) < 0 &&
	       errno == EINTR)
		;
}

/* ECONNRESET comes once, if the tracer has ended without hearing all: texts may follow. */
static void serve(struct sender *sender)
{
	char text[NST_AUDIT_TEXT_MAX + 1];
	ssize_t size;

	for (;;) {
		/* No room for control messages: descriptors that were sent along are dropped. */
		size = recv(TRACER, text, sizeof(text), 0);
		if (size < 0 && (errno == EINTR || errno == ECONNRESET))
			continue;
		if (size <= 0)
			return;
		pass_on(sender, text, size);
		tell(sender);
	}
}

/* --- Its start -------------------------------------------------------------------------------- */

/* PROC_PID_INIT_INO: the same in all kernels. */
#define INITIAL_PID_NAMESPACE 0xeffffffcU

static int is_in_initial_pid_namespace(void)
{
	struct stat status;

	return stat("/proc/self/ns/pid", &status) != 0 || status.st_ino == INITIAL_PID_NAMESPACE;
}

static int has_capability(unsigned int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	return syscall(SYS_capget, &header, data) == 0 &&
	       (data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability));
}

static int fail(struct sender *sender, enum nst_audit_step step, int result)
{
	sender->report.step = step;
	sender->report.error = -result;
	return result;
}

/* Without CAP_AUDIT_CONTROL nobody may ask. */
static int check_enabled(struct sender *sender, int trail)
{
	int result = nst_trail_is_enabled(trail);

	sender->report.knows_status = result != -EPERM;
	if (result == 0)
		return fail(sender, NST_AUDIT_DISABLED, -EPERM);
	if (result == -ECONNREFUSED)
		return fail(sender, NST_AUDIT_SOCKET, result);
	return result == 1 || result == -EPERM ? 0 : fail(sender, NST_AUDIT_ASK, result);
}

/* The socket to the kernel's audit, or -errno. */
static int find_trail(struct sender *sender)
{
	int trail, result;

	if (sender->plan->trail >= 0)
		return sender->plan->trail;
	if (!is_in_initial_pid_namespace())
		return fail(sender, NST_AUDIT_PID_NAMESPACE, -EPERM);
	if (!has_capability(CAP_AUDIT_WRITE))
		return fail(sender, NST_AUDIT_CAPABILITY, -EPERM);
	trail = nst_trail_open();
	if (trail < 0)
		return fail(sender, NST_AUDIT_SOCKET, trail);
	result = check_enabled(sender, trail);
	return result ? result : trail;
}

static int become_user(const struct nst_audit_plan *plan)
{
	if (!plan->user)
		return 0;
	if (prctl(PR_SET_KEEPCAPS, 1) != 0)
		return -errno;
	return nst_become(plan->user, plan->uid, plan->gid);
}

/* Leaves the two sockets, under their numbers. */
static int close_others(int tracer, int trail)
{
	int first = fcntl(tracer, F_DUPFD, 3), second = fcntl(trail, F_DUPFD, 3);

	if (first < 0 || second < 0 || dup2(first, TRACER) < 0 || dup2(second, TRAIL) < 0)
		return -errno;
	return syscall(SYS_close_range, TRAIL + 1, ~0U, 0) == 0 ? 0 : -errno;
}

/* Seconds for what the tracer has left behind. A kernel that takes nothing must not hold it up. */
#define AFTERWARDS 5

static void end_soon(int signal)
{
	const struct itimerval end = { .it_value = { .tv_sec = AFTERWARDS } };

	(void)signal;
	setitimer(ITIMER_REAL, &end, NULL);
}

/* ^C and the end of a session reach all processes of the terminal: the tracer decides. */
static void set_signals(void)
{
	const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGWINCH };
	const struct sigaction ending = { .sa_handler = end_soon, .sa_flags = SA_RESTART };
	sigset_t none;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigaction(SIGUSR1, &ending, NULL);
	signal(SIGALRM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Call it as the user that it becomes, which makes the kernel forget it. */
static int follow_tracer(pid_t tracer)
{
	if (prctl(PR_SET_NAME, "nstrace-audit") != 0 || prctl(PR_SET_PDEATHSIG, SIGUSR1) != 0)
		return -errno;
	return getppid() == tracer ? 0 : -ESRCH;
}

static int settle_in(struct sender *sender, int tracer, pid_t parent)
{
	int trail, result;

	set_signals();
	trail = find_trail(sender);
	if (trail < 0)
		return trail;
	result = become_user(sender->plan);
	if (result == 0)
		result = follow_tracer(parent);
	if (result == 0)
		result = chdir("/") == 0 ? close_others(tracer, trail) : -errno;
	if (result == 0 && sender->plan->is_confined)
		result = nst_audit_confine();
	return result ? fail(sender, NST_AUDIT_START, result) : 0;
}

static void run(const struct nst_audit_plan *plan, int tracer, pid_t parent)
{
	struct sender sender = { .plan = plan };
	int result = settle_in(&sender, tracer, parent);
	ssize_t sent;

	/* Whether its descriptor has its number already depends on what has failed. */
	sent = send(result == 0 ? TRACER : tracer, &sender.report, sizeof(sender.report),
		    MSG_NOSIGNAL);
	if (result == 0 && sent >= 0)
		serve(&sender);
	_exit(result != 0);
}

/* --- The tracer ------------------------------------------------------------------------------- */

pid_t nst_audit_start(const struct nst_audit_plan *plan, int *fd)
{
	pid_t parent = getpid(), pid;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		run(plan, ends[1], parent);
	if (pid < 0)
		pid = -errno;
	close(ends[1]);
	*fd = ends[0];
	if (pid < 0)
		close(ends[0]);
	return pid;
}
