/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* impostor PATH: as nobody listens there, and answers one client as a tracer would. */
int impostor(int argc, char **argv)
{
	static const char answer[] = "{\"contid\":\"42\",\"ok\":true,\"tasks\":1}\n";
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), client;

	require(argc == 1 && strlen(argv[0]) < sizeof(address.sun_path), "impostor without a path");
	strcpy(address.sun_path, argv[0]);
	become_nobody();
	umask(0);
	require(bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
	require(listen(listener, 1) == 0, "listen");
	report_number("impostor", "listens", 1);
	client = accept(listener, NULL, NULL);
	require(client >= 0, "accept a client");
	if (write(client, answer, sizeof(answer) - 1) < 0)
		return 0;
	until_end_of_input();
	return 0;
}
