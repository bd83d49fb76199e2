/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

static void connect_one(const struct sockaddr_un *address)
{
	static const char half[] = "{\"op\":\"regis";
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	require(fd >= 0, "make a socket");
	require(connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0, "connect");
	/* The listener may have closed it already. */
	send(fd, half, sizeof(half) - 1, MSG_NOSIGNAL);
}

/* connect-many PATH COUNT: as nobody has so many connections that have sent half a line. */
int connect_many(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct rlimit files = { 4096, 4096 };

	require(argc == 2 && strlen(argv[0]) < sizeof(address.sun_path), "connect-many PATH COUNT");
	strcpy(address.sun_path, argv[0]);
	require(setrlimit(RLIMIT_NOFILE, &files) == 0, "set the limit of open files");
	become_nobody();
	for (int i = 0; i < atoi(argv[1]); i++)
		connect_one(&address);
	report_number("connect_many", "connected", 1);
	until_end_of_input();
	return 0;
}
