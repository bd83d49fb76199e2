/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit load RATE SECONDS: makes so many calls of getppid(2) a second, which a rule has audited
 * audit read SECONDS: a bare reader of the kernel's audit, and what it took: events, and microseconds
 * of CPU for each
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static double now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static int load(double rate, double seconds)
{
	double began = now(CLOCK_MONOTONIC);
	long made = 0;

	while (now(CLOCK_MONOTONIC) - began < seconds) {
		long due = (now(CLOCK_MONOTONIC) - began) * rate;

		for (; made < due; made++)
			syscall(SYS_getppid);
		usleep(500);
	}
	printf("%ld\n", made);
	return 0;
}

static double cpu(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static int read_all(double seconds)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK,
				       .nl_groups = 1 << (AUDIT_NLGRP_READLOG - 1) };
	static char text[1 << 14];
	double began = now(CLOCK_MONOTONIC);
	long events = 0, messages = 0, overruns = 0;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK, NETLINK_AUDIT), room = 8 << 20;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		return 1;
	while (now(CLOCK_MONOTONIC) - began < seconds) {
		ssize_t bytes = recv(fd, text, sizeof(text), 0);

		if (bytes < 0 && errno == ENOBUFS) {
			overruns++;
		} else if (bytes < 0) {
			struct pollfd ready = { fd, POLLIN, 0 };

			poll(&ready, 1, 100);
		} else {
			messages++;
			events += ((struct nlmsghdr *)text)->nlmsg_type == AUDIT_SYSCALL;
		}
	}
	printf("%ld events %ld messages %ld overruns %.2f us\n", events, messages, overruns,
	       events ? cpu() * 1e6 / events : 0);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "load") == 0)
		return load(atof(argv[2]), atof(argv[3]));
	if (argc == 3 && strcmp(argv[1], "read") == 0)
		return read_all(atof(argv[2]));
	fprintf(stderr, "usage: audit load RATE SECONDS | audit read SECONDS\n");
	return 64;
}
