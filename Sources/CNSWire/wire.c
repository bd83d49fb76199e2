// SPDX-License-Identifier: Apache-2.0
// For the assertions about the layout; SwiftPM builds no target without a source.
#include "nsevents.h"
