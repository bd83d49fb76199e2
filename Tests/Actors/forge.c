/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <errno.h>
#include <linux/bpf.h>
#include <nskeeper.h>

/* What could stand in a keeper's directory besides a keeper, by plain system calls. */

static int call(enum bpf_cmd command, union bpf_attr *attributes)
{
	int result = syscall(SYS_bpf, command, attributes, sizeof(*attributes));

	require(result >= 0, "bpf");
	return result;
}

static int make_map(__u32 type, __u32 value, __u32 entries, __u32 flags)
{
	union bpf_attr attributes = { .map_type = type,
				      .key_size = 4,
				      .value_size = value,
				      .max_entries = entries,
				      .map_flags = flags };

	return call(BPF_MAP_CREATE, &attributes);
}

static int make_program(void)
{
	static const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attributes = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
				      .insns = (__u64)(unsigned long)nothing,
				      .insn_cnt = 2,
				      .license = (__u64)(unsigned long)"GPL" };

	return call(BPF_PROG_LOAD, &attributes);
}

static void put_value(int map, const void *key, const void *value)
{
	union bpf_attr attributes = { .map_fd = map,
				      .key = (__u64)(unsigned long)key,
				      .value = (__u64)(unsigned long)value };

	call(BPF_MAP_UPDATE_ELEM, &attributes);
}

static void put(int map, __u32 key, const void *value)
{
	put_value(map, &key, value);
}

static int make_state(__u64 magic, __u32 version, __u32 flags)
{
	struct nst_keeper_state state = {
		.magic = magic, .version = version, .size = sizeof(state), .flags = flags
	};
	int map = make_map(BPF_MAP_TYPE_ARRAY, sizeof(state), 1, BPF_F_MMAPABLE);

	put(map, 0, &state);
	return map;
}

static int make_by(const char *kind)
{
	if (strcmp(kind, "program") == 0)
		return make_program();
	if (strcmp(kind, "garbage") == 0)
		return make_state(~0ULL, NST_KEEPER_VERSION, ~0U);
	if (strcmp(kind, "version") == 0)
		return make_state(NST_KEEPER_MAGIC, 99, 0);
	if (strcmp(kind, "locked-version") == 0)
		return make_state(NST_KEEPER_MAGIC, 99, NST_KEEPER_LOCKED);
	if (strcmp(kind, "small") == 0)
		return make_map(BPF_MAP_TYPE_ARRAY, 8, 1, BPF_F_MMAPABLE);
	if (strcmp(kind, "huge") == 0)
		return make_map(BPF_MAP_TYPE_ARRAY, 1 << 20, 1, BPF_F_MMAPABLE);
	if (strcmp(kind, "numbers") == 0)
		return make_map(BPF_MAP_TYPE_ARRAY, 4 * NST_KEEPER_PAGE, NST_KEEPER_PAGES, 0);
	require(strcmp(kind, "hash") == 0, "know the kind");
	return make_map(BPF_MAP_TYPE_HASH, 8, 16, BPF_F_NO_PREALLOC);
}

static void pin(int fd, const char *path)
{
	union bpf_attr attributes = { .pathname = (__u64)(unsigned long)path, .bpf_fd = fd };

	call(BPF_OBJ_PIN, &attributes);
}

static int get(const char *path)
{
	union bpf_attr attributes = { .pathname = (__u64)(unsigned long)path };

	return call(BPF_OBJ_GET, &attributes);
}

/* forge PATH KIND: pins such an object in place of what is there. */
int forge(int argc, char **argv)
{
	require(argc == 2, "forge without a path and a kind");
	require(unlink(argv[0]) == 0 || errno == ENOENT, "remove what is there");
	pin(make_by(argv[1]), argv[0]);
	return 0;
}

static void put_entry(int map, __u32 key, const struct nst_keeper_entry *entry)
{
	put(map, key, entry);
}

/* damage PATH: adds four registrations to those pinned there, of which none can be. */
int damage(int argc, char **argv)
{
	struct nst_keeper_entry sound = { .kept = { .container = 900, .target_tid = 1 } };
	struct nst_keeper_entry other = sound, named = sound, unset = sound;
	int map;

	require(argc == 1, "damage without a path");
	map = get(argv[0]);
	put_entry(map, 901, &other);
	named.kept.container = 902;
	named.kept.name_bytes = 60000;
	put_entry(map, 902, &named);
	unset.kept.container = 903;
	unset.kept.contid_high = unset.kept.contid_low = ~0ULL;
	put_entry(map, 903, &unset);
	other.kept.container = 0;
	put_entry(map, 0, &other);
	return 0;
}

/* damage-stains PATH: adds three stains to those pinned there, of which none can be. */
int damage_stains(int argc, char **argv)
{
	struct nst_keeper_stain stain = { .inum = 1, .type = 12345 };
	__u64 since = 1;
	int map;

	require(argc == 1, "damage-stains without a path");
	map = get(argv[0]);
	put_value(map, &stain, &since);
	stain.type = CLONE_NEWNET;
	stain.inum = 0;
	put_value(map, &stain, &since);
	stain.inum = 1;
	stain.contid_high = stain.contid_low = ~0ULL;
	put_value(map, &stain, &since);
	return 0;
}

/* --- A keeper of another version -------------------------------------------------------------- */

/* What the program that is pinned there is attached to, as the kernel's BTF has it. */
static __u32 attach_type(int program)
{
	struct bpf_prog_info info = { 0 };
	union bpf_attr attributes = { .info = { .bpf_fd = program,
						.info_len = sizeof(info),
						.info = (__u64)(unsigned long)&info } };

	call(BPF_OBJ_GET_INFO_BY_FD, &attributes);
	return info.attach_btf_id;
}

/* Of the same name, kind and maps; it does nothing. */
static int make_idle_program(__u32 type, int numbers, int visits)
{
	const struct bpf_insn idle[] = {
		{ .code = BPF_LD | BPF_DW | BPF_IMM,
		  .dst_reg = BPF_REG_1,
		  .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = numbers },
		{ 0 },
		{ .code = BPF_LD | BPF_DW | BPF_IMM,
		  .dst_reg = BPF_REG_1,
		  .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = visits },
		{ 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attributes = { .prog_type = BPF_PROG_TYPE_TRACING,
				      .insns = (__u64)(unsigned long)idle,
				      .insn_cnt = 6,
				      .license = (__u64)(unsigned long)"GPL",
				      .prog_name = "keep_birth",
				      .expected_attach_type = BPF_TRACE_RAW_TP,
				      .attach_btf_id = type };

	return call(BPF_PROG_LOAD, &attributes);
}

static void replace(const char *path, int fd)
{
	require(unlink(path) == 0 || errno == ENOENT, "remove a pin");
	pin(fd, path);
}

/*
 * forge-older NUMBERS VISITS NEWER PROGRAM [LINK]: pins an idle program, which is attached to what the
 * program NEWER is attached to, and its link.
 */
int forge_older(int argc, char **argv)
{
	union bpf_attr attributes = { 0 };
	int program;

	require(argc == 4 || argc == 5, "forge-older without maps and programs");
	program = make_idle_program(attach_type(get(argv[2])), get(argv[0]), get(argv[1]));
	replace(argv[3], program);
	if (argc == 4)
		return 0;
	attributes.raw_tracepoint.prog_fd = program;
	replace(argv[4], call(BPF_RAW_TRACEPOINT_OPEN, &attributes));
	return 0;
}
