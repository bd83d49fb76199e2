/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "mode.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define CMDLINE_BYTES 4096
#define MODES_BYTES 128

/* Whether `text` contains `word` as a whole word. */
static int has_word(const char *text, const char *word)
{
	size_t bytes = strlen(word);

	while (text) {
		text += strspn(text, " \t\n");
		if (strncmp(text, word, bytes) == 0 && strchr(" \t\n", text[bytes]))
			return 1;
		text = strpbrk(text, " \t\n");
	}
	return 0;
}

static enum nst_preemption preemption_by_modes(const char *modes)
{
	if (strstr(modes, "(full)") || strstr(modes, "(lazy)"))
		return NST_PREEMPTION_FULL;
	if (strstr(modes, "(none)") || strstr(modes, "(voluntary)"))
		return NST_PREEMPTION_NONE;
	return NST_PREEMPTION_UNKNOWN;
}

static enum nst_preemption preemption_by_cmdline(const char *cmdline)
{
	if (has_word(cmdline, "preempt=full") || has_word(cmdline, "preempt=lazy"))
		return NST_PREEMPTION_FULL;
	if (has_word(cmdline, "preempt=none") || has_word(cmdline, "preempt=voluntary"))
		return NST_PREEMPTION_NONE;
	return NST_PREEMPTION_UNKNOWN;
}

/* Without PREEMPT_DYNAMIC the build fixes the mode, and the version alone says it. */
enum nst_preemption nst_preemption_of(const char *version, const char *modes, const char *cmdline)
{
	enum nst_preemption by_modes = modes ? preemption_by_modes(modes) : NST_PREEMPTION_UNKNOWN;

	if (has_word(version, "PREEMPT_DYNAMIC"))
		return by_modes || !cmdline ? by_modes : preemption_by_cmdline(cmdline);
	/* PREEMPT, PREEMPT_RT, and later variants. */
	return strstr(version, "PREEMPT") ? NST_PREEMPTION_FULL : NST_PREEMPTION_NONE;
}

/* A mount that is attached nowhere and ends with its descriptor; -1: not permitted. */
static int mount_nowhere(const char *type)
{
	int context = syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
	int mount = -1;

	if (context < 0)
		return -1;
	if (syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		mount = syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC,
				MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	close(context);
	return mount;
}

/* Opens a file of debugfs or securityfs, whether or not it is mounted; -1: it can't be opened. */
static int open_in(const char *type, const char *directory, const char *name)
{
	char path[128];
	int mount, fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	mount = mount_nowhere(type);
	if (mount < 0)
		return -1;
	fd = openat(mount, name, O_RDONLY | O_CLOEXEC);
	close(mount);
	return fd;
}

/* Reads text into `buffer` and closes `fd`; NULL if nothing could be read. */
static const char *read_text(int fd, char *buffer, size_t capacity)
{
	ssize_t bytes = fd < 0 ? -1 : read(fd, buffer, capacity - 1);

	if (fd >= 0)
		close(fd);
	if (bytes <= 0)
		return NULL;
	buffer[bytes] = '\0';
	return buffer;
}

static const char *read_cmdline(char buffer[CMDLINE_BYTES])
{
	return read_text(open("/proc/cmdline", O_RDONLY | O_CLOEXEC), buffer, CMDLINE_BYTES);
}

enum nst_preemption nst_preemption(void)
{
	char cmdline[CMDLINE_BYTES], modes[MODES_BYTES];
	enum nst_preemption fixed;
	struct utsname name;

	if (uname(&name) != 0)
		return NST_PREEMPTION_UNKNOWN;
	fixed = nst_preemption_of(name.version, NULL, NULL);
	if (fixed)
		return fixed;
	return nst_preemption_of(name.version,
				 read_text(open_in("debugfs", "/sys/kernel/debug", "sched/preempt"),
					   modes, sizeof(modes)),
				 read_cmdline(cmdline));
}

int nst_ftrace_open(void)
{
	return open("/proc/sys/kernel/ftrace_enabled", O_RDONLY | O_CLOEXEC);
}

int nst_ftrace_is_on(int fd)
{
	char digit = '1';

	/* The sandbox does not allow pread. */
	if (fd >= 0 && lseek(fd, 0, SEEK_SET) == 0 && read(fd, &digit, 1) == 1)
		return digit != '0';
	return 1;
}

int nst_lockdown_of(const char *modes, const char *cmdline)
{
	if (modes)
		return strstr(modes, "[confidentiality]") != NULL;
	return cmdline && has_word(cmdline, "lockdown=confidentiality");
}

int nst_lockdown_refuses_bpf(void)
{
	char cmdline[CMDLINE_BYTES], modes[MODES_BYTES];

	return nst_lockdown_of(read_text(open_in("securityfs", "/sys/kernel/security", "lockdown"),
					 modes, sizeof(modes)),
			       read_cmdline(cmdline));
}
