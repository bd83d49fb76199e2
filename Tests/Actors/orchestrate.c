/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "target.h"

static int control;

static void connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	control = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	require(control >= 0, "make a socket");
	require(connect(control, (void *)&address, sizeof(address)) == 0, "connect to the tracer");
}

/* Asks to register `pid`, and prints the line of the answer. */
static void ask_control(pid_t pid, const char *what)
{
	char line[512];
	int bytes =
		snprintf(line, sizeof(line), "{\"op\":\"register\",\"pid\":%d,%s}\n", pid, what);

	require(write(control, line, bytes) == bytes, "ask");
	bytes = 0;
	do {
		ssize_t more = read(control, line + bytes, sizeof(line) - bytes);

		require(more > 0, "hear from the tracer");
		bytes += more;
	} while (line[bytes - 1] != '\n' && bytes < (int)sizeof(line));
	require(write(1, line, bytes) == bytes, "write");
}

/*
 * orchestrate SOCKET: an orchestrator that stays, as the kernel's later patches expect
 * one. It asks for itself, which no policy allows. It registers the first of four
 * children, the second into the same container, the first once more, and the third at
 * random. It asks for the fourth with a text that is no ID, and with an ID of more than 32
 * bits. Each refusal has one reason.
 */
int orchestrate(int argc, char **argv)
{
	struct target first, second, third, fourth;

	require(argc == 1, "orchestrate without SOCKET");
	connect_to(argv[0]);
	/* Before it has children, so that there is no other reason to refuse. */
	ask_control(getpid(), "\"contid\":\"3\"");
	first = start_target(CLONE_NEWNET | CLONE_NEWUTS);
	second = start_target(CLONE_NEWUTS);
	third = start_target(CLONE_NEWIPC);
	fourth = start_target(0);
	ask_control(first.pid, "\"contid\":\"1\",\"name\":\"first\"");
	ask_control(second.pid, "\"contid\":\"1\"");
	ask_control(first.pid, "\"contid\":\"2\",\"name\":\"deeper\"");
	ask_control(third.pid, "\"random\":true,\"name\":\"third\"");
	ask_control(fourth.pid, "\"contid\":\"-\"");
	ask_control(fourth.pid, "\"contid\":\"4294967296\"");
	/* Each child holds the gates of those before it. */
	end_target(fourth);
	end_target(third);
	end_target(second);
	end_target(first);
	return 0;
}
