/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "find.h"

#include <string.h>

const void *nst_find(const void *text, size_t text_bytes, const void *part, size_t part_bytes)
{
	return memmem(text, text_bytes, part, part_bytes);
}
