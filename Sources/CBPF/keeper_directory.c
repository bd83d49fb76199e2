/* SPDX-License-Identifier: Apache-2.0 */
/* A keeper's directory, and who has the claim to register there. */
#define _GNU_SOURCE
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define BPFFS "/sys/fs/bpf"

static int fail(struct nst_keeper_status *status, enum nst_keeper_finding finding)
{
	status->finding = finding;
	status->error_number = errno;
	return -1;
}

static int is_bpffs(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && fs.f_type == BPF_FS_MAGIC;
}

/* Only where systemd mounts one, too: elsewhere it would hide what is there. */
static void mount_bpffs(void)
{
	mount("bpf", BPFFS, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700");
}

/* Whether the path needs a bpffs at /sys/fs/bpf that is not there. */
static int lacks_bpffs(const char *path)
{
	return strncmp(path, BPFFS "/", strlen(BPFFS "/")) == 0 && !is_bpffs(BPFFS);
}

/*
 * Whether this is the mount namespace of the host's init. In another one (`ip netns exec` makes one, with a
 * sysfs of its own) the host's keeper is hidden, and a new one would go with the namespace.
 */
static int is_in_host_mounts(void)
{
	struct stat own, init;

	if (stat("/proc/self/ns/mnt", &own) != 0)
		return 0;
	/* Linux 6.17 fixed the number (enum init_ns_ino of linux/nsfs.h). */
	if (own.st_ino == 0xEFFFFFF8U)
		return 1;
	return stat("/proc/1/ns/mnt", &init) == 0 && own.st_dev == init.st_dev &&
	       own.st_ino == init.st_ino;
}

/* Nobody but its owner may look in: who can replace pins can forge IDs. */
static int is_ours(int fd)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return 0;
	return (status.st_uid == 0 || status.st_uid == geteuid()) && (status.st_mode & 077) == 0;
}

static int is_on_bpffs(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == BPF_FS_MAGIC;
}

/* Whether a directory that is missing would be made in a bpffs. */
static int would_be_on_bpffs(const char *path)
{
	char parent[PATH_MAX];
	const char *slash = strrchr(path, '/');

	if (!slash)
		return is_bpffs(".");
	if ((size_t)(slash - path) >= sizeof(parent))
		return 0;
	memcpy(parent, path, slash - path);
	parent[slash - path] = 0;
	return is_bpffs(slash == path ? "/" : parent);
}

int nst_keeper_open_directory(const char *path, int makes, struct nst_keeper_status *status)
{
	int fd;

	memset(status, 0, sizeof(*status));
	if (lacks_bpffs(path) && !is_in_host_mounts())
		return fail(status, NST_KEEPER_OTHER_MOUNTS);
	if (makes && lacks_bpffs(path))
		mount_bpffs();
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && makes) {
		if (!would_be_on_bpffs(path))
			return fail(status, NST_KEEPER_NO_BPFFS);
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			return fail(status, NST_KEEPER_NOT_MADE);
		fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	}
	if (fd < 0)
		return fail(status, errno == ENOENT ? NST_KEEPER_NONE : NST_KEEPER_UNREADABLE);
	if (is_on_bpffs(fd) && is_ours(fd))
		return fd;
	status->finding = is_on_bpffs(fd) ? NST_KEEPER_NOT_OURS : NST_KEEPER_NO_BPFFS;
	close(fd);
	return -1;
}

static int is_at(int directory, const char *path)
{
	struct stat held, found;

	return fstat(directory, &held) == 0 && lstat(path, &found) == 0 &&
	       held.st_dev == found.st_dev && held.st_ino == found.st_ino;
}

/* A directory is only removed by who has the claim: behind this it stays where it is. */
int nst_keeper_claim(int directory, const char *path)
{
	if (flock(directory, LOCK_EX | LOCK_NB) != 0)
		return -errno;
	return is_at(directory, path) ? 0 : -ESTALE;
}

/* By a lock that several may have, so that those who look do not see each other. */
int nst_keeper_is_claimed(int directory)
{
	if (flock(directory, LOCK_SH | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? 1 : -errno;
	return flock(directory, LOCK_UN) == 0 ? 0 : -errno;
}
