/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_un address_of(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	require(strlen(path) < sizeof(address.sun_path), "the path is too long");
	strcpy(address.sun_path, path);
	return address;
}

/* Becomes the command once standard input has ended. */
static void become(char **command)
{
	until_end_of_input();
	execv(command[0], command);
	require(0, "exec");
}

/*
 * serve PATH COMMAND...: listens there, accepts a client as descriptor 3, and becomes the
 * command once standard input has ended.
 */
int serve(int argc, char **argv)
{
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), client;
	struct sockaddr_un address;

	require(argc > 1, "serve without a path and a command");
	address = address_of(argv[0]);
	require(bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
	require(listen(listener, 1) == 0, "listen");
	report_number("serve", "listens", 1);
	client = accept(listener, NULL, NULL);
	require(client >= 0, "accept a client");
	require(client == 3 ? 1 : dup2(client, 3) == 3, "have it as descriptor 3");
	report_number("serve", "serves", 1);
	become(argv + 1);
	return 0;
}

/* Sends the line, and prints the answer to it. */
static void ask_for(int fd, const char *line)
{
	char answer[4096];
	ssize_t bytes;

	require(dprintf(fd, "%s\n", line) > 0, "ask");
	bytes = read(fd, answer, sizeof(answer));
	require(bytes > 0 && write(1, answer, bytes) == bytes, "print the answer");
}

/* ask PATH USER LINE: connects as an effective user, becomes root again, and asks. */
int ask(int argc, char **argv)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un address;

	require(argc == 3, "ask PATH USER LINE");
	address = address_of(argv[0]);
	require(seteuid(atoi(argv[1])) == 0, "become the user");
	require(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
	require(seteuid(0) == 0, "become root again");
	ask_for(fd, argv[2]);
	return 0;
}

/* dial PATH: connects, and waits for the end of standard input. */
int dial(int argc, char **argv)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un address;

	require(argc == 1, "dial without a path");
	address = address_of(argv[0]);
	require(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
	report_number("dial", "connected", 1);
	until_end_of_input();
	return 0;
}
