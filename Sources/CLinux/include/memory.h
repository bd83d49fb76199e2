/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NST_MEMORY_H
#define NST_MEMORY_H

/* For malloc_trim(3), which Swift's Glibc lacks. */
#include <malloc.h>

#endif
