/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <attendant.h>
#include <audit_sender.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sandbox.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>

/*
 * What a sandbox's filter decides, without making any call: a filter that was set before
 * answers SECCOMP_RET_TRACE to the one instruction that asks. The kernel takes the stricter
 * answer of the two. Without a debugger TRACE skips the call and returns ENOSYS: what
 * returns ENOSYS is allowed, and what returns EPERM is refused.
 */
#ifdef __x86_64__
__asm__(".globl ask_kernel\n"
	".globl ask_kernel_end\n"
	"ask_kernel:\n"
	"	mov %rdi, %rax\n"
	"	mov (%rsi), %rdi\n"
	"	mov 16(%rsi), %rdx\n"
	"	mov 24(%rsi), %r10\n"
	"	mov 32(%rsi), %r8\n"
	"	mov 40(%rsi), %r9\n"
	"	mov 8(%rsi), %rsi\n"
	"	syscall\n"
	"ask_kernel_end:\n"
	"	ret\n");
#else
#error "the instruction that asks is written for x86-64"
#endif

extern long ask_kernel(long number, const long arguments[6]);
extern const char ask_kernel_end[];

#define ARGUMENTS 6
#define CALLS 470
#define DENSE 512

/* What has been found: shared with the process that prints it, for a sandbox may forbid that. */
static struct {
	size_t length;
	char text[1 << 16];
} * report_page;

static void say(const char *format, ...)
{
	size_t room = sizeof(report_page->text) - report_page->length;
	va_list arguments;

	va_start(arguments, format);
	report_page->length +=
		vsnprintf(report_page->text + report_page->length, room, format, arguments);
	va_end(arguments);
}

static void intercept(void)
{
	__u32 at = (__u32)(uintptr_t)ask_kernel_end;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, instruction_pointer)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, at, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = 4, .filter = code };

	require(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "set no_new_privs");
	require(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0, "intercept");
}

static bool is_allowed(long number, const long arguments[ARGUMENTS])
{
	long result = ask_kernel(number, arguments);

	require(result == -ENOSYS || result == -EPERM, "a call was made, or failed otherwise");
	return result == -ENOSYS;
}

static bool is_allowed_with(long number, int index, long value)
{
	long arguments[ARGUMENTS] = { 0 };

	arguments[index] = value;
	return is_allowed(number, arguments);
}

/* The values that are tried for an argument. */
struct domain {
	const uint32_t *values;
	size_t count;
};

/* What is allowed of a domain: how many, and the bits that are set in all and in any. */
struct summary {
	size_t count;
	uint32_t all, any;
};

static struct summary sum_up(long number, int index, struct domain domain)
{
	struct summary found = { 0, ~0U, 0 };

	for (size_t i = 0; i < domain.count; i++) {
		uint32_t value = domain.values[i];

		if (!is_allowed_with(number, index, (int32_t)value))
			continue;
		found.count++;
		found.all &= value;
		found.any |= value;
	}
	return found;
}

/* Whether just those are allowed that have these bits, as `all` has them. */
static bool is_mask(long number, int index, struct domain domain, struct summary found,
		    uint32_t mask)
{
	for (size_t i = 0; i < domain.count; i++) {
		uint32_t value = domain.values[i];

		if (((value & mask) == (found.all & mask)) !=
		    is_allowed_with(number, index, (int32_t)value))
			return false;
	}
	return true;
}

static void print_list(long number, int index, struct domain domain)
{
	say("%ld: argument %d is", number, index);
	for (size_t i = 0; i < domain.count; i++) {
		uint32_t value = domain.values[i];

		if (!is_allowed_with(number, index, (int32_t)value))
			continue;
		if ((pid_t)value == getpid())
			say(" its own pid");
		else
			say(" %#x", value);
	}
	say("\n");
}

/* Prints nothing if the argument does not matter. Returns whether something is allowed. */
static bool print_argument(long number, int index, struct domain domain)
{
	struct summary found = sum_up(number, index, domain);
	uint32_t fixed = ~(found.all ^ found.any);

	if (found.count == 0 || found.count == domain.count)
		return found.count > 0;
	if (found.count > 64 && is_mask(number, index, domain, found, fixed))
		say("%ld: argument %d & %#x is %#x\n", number, index, fixed, found.all & fixed);
	else
		print_list(number, index, domain);
	return true;
}

/* Small numbers, single bits, special descriptors, and its own pid. */
static struct domain numbers(void)
{
	static uint32_t values[DENSE + 64];
	size_t count = 0;

	for (uint32_t i = 0; i < DENSE; i++)
		values[count++] = i;
	for (int bit = 9; bit < 32; bit++)
		values[count++] = 1U << bit;
	for (int special = -10005; special <= -10000; special++)
		values[count++] = special;
	values[count++] = AT_FDCWD;
	values[count++] = ~0U;
	if (getpid() >= DENSE)
		values[count++] = getpid();
	return (struct domain){ values, count };
}

/* All combinations of the flags of open(2). */
static struct domain open_flags(void)
{
	static uint32_t values[1 << 19];
	const size_t count = sizeof(values) / sizeof(values[0]);

	for (uint32_t i = 0; i < count; i++)
		values[i] = (i & 3) | (i >> 2) << 6;
	return (struct domain){ values, count };
}

/* Each type and number, with each direction, for the usual sizes. */
static struct domain ioctls(void)
{
	static const uint32_t sizes[] = { 0, 4, 8 };
	static uint32_t values[3 << 18];
	size_t count = 0;

	for (size_t i = 0; i < 3; i++) {
		for (uint32_t direction = 0; direction < 4; direction++) {
			for (uint32_t low = 0; low < 1 << 16; low++)
				values[count++] = direction << 30 | sizes[i] << 16 | low;
		}
	}
	return (struct domain){ values, count };
}

static bool print_any_argument(long number, struct domain domain)
{
	bool any = false;

	for (int index = 0; index < ARGUMENTS; index++) {
		if (print_argument(number, index, domain))
			any = true;
	}
	return any;
}

/*
 * uretprobe(2) and uprobe(2): no filter sees them since 6.14. They end the caller by SIGILL
 * unless the kernel itself has written the instruction that makes them.
 */
static bool is_for_probes(long number)
{
	return number == 335 || number == 336;
}

/* A call of which nothing is printed is refused, whatever its arguments. */
static void print_call(long number, struct domain domain)
{
	static const long zeros[ARGUMENTS], ones[ARGUMENTS] = { -1, -1, -1, -1, -1, -1 };
	bool is_zero = is_allowed(number, zeros), is_one = is_allowed(number, ones);

	if (!print_any_argument(number, domain) && is_zero == is_one)
		return;
	if (is_zero && is_one)
		say("%ld: allowed\n", number);
}

/* The numbers of the x32 interface pass as this architecture's. */
static void print_x32(void)
{
	static const long zeros[ARGUMENTS];
	int allowed = 0;

	for (long number = 0; number < 1024; number++)
		allowed += is_allowed(number | 0x40000000, zeros);
	say("x32: %d allowed\n", allowed);
}

static void decide(const char *name)
{
	struct domain few = numbers();

	intercept();
	enter_sandbox_of(name, -1, -1);
	for (long number = 0; number < CALLS; number++) {
		if (!is_for_probes(number))
			print_call(number, few);
	}
	print_argument(SYS_openat, 2, open_flags());
	print_argument(SYS_ioctl, 1, ioctls());
	print_x32();
	_exit(0);
}

/* A tracer of root's that asks which namespaces exist. */
#define KEPT_BY_TRACER (1ULL << CAP_DAC_READ_SEARCH | 1ULL << CAP_SYS_ADMIN)

static int confine(const char *name, const struct nst_attendant_places *places, int keeps)
{
	if (strcmp(name, "tracer") == 0) {
		require(nst_keep_capabilities(KEPT_BY_TRACER) == 0, "drop capabilities");
		return nst_enter_sandbox(NULL, 0, keeps);
	}
	return strcmp(name, "sender") == 0 ? nst_audit_confine() : nst_attendant_confine(places);
}

/* "keeping-tracer" and "keeping-attendant": those beside a keeper. */
void enter_sandbox_of(const char *name, int log_directory, int control_directory)
{
	int keeps = strncmp(name, "keeping-", 8) == 0;
	int keep = keeps ? open(".", O_PATH | O_DIRECTORY) : -1;
	const struct nst_attendant_places places = { .log = log_directory,
						     .log_device = -1,
						     .control = control_directory,
						     .keep = keep,
						     .above_keep = keep,
						     .audit = -1,
						     .routes = -1 };

	require(confine(keeps ? name + 8 : name, &places, keeps) == 0, "enter the sandbox");
}

/* decisions [keeping-]tracer|attendant|sender: which system calls its filter allows, one a line. */
int decisions(int argc, char **argv)
{
	pid_t child;

	require(argc == 1, "decisions without a sandbox");
	report_page = mmap(NULL, sizeof(*report_page), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	require(report_page != MAP_FAILED, "share memory");
	child = fork();
	if (child == 0)
		decide(argv[0]);
	wait_for(child);
	return write(1, report_page->text, report_page->length) < 0;
}
