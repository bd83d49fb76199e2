/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/* memmem(3), which Swift does not see: it is GNU's. */
const void *nst_find(const void *text, size_t text_bytes, const void *part, size_t part_bytes);
