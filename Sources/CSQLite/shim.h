/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <sqlite3.h>

/* Swift cannot call functions with variable arguments. */
static inline int nst_sqlite_set(sqlite3 *database, int option, int value)
{
	return sqlite3_db_config(database, option, value, (int *)0);
}

/* The copy that SQLITE_TRANSIENT asks for: the macro is a cast that Swift does not import. */
static inline void nst_sqlite_result(sqlite3_context *context, const char *text, int bytes)
{
	sqlite3_result_text(context, text, bytes, SQLITE_TRANSIENT);
}

static inline int nst_sqlite_bind(sqlite3_stmt *statement, int place, const char *text, int bytes)
{
	return sqlite3_bind_text(statement, place, text, bytes, SQLITE_TRANSIENT);
}
