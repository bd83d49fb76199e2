// SPDX-License-Identifier: Apache-2.0

import Testing

/// All that needs the real kernel: one after the other, for each traces the whole machine.
@Suite(
  .serialized, .timeLimit(.minutes(30)),
  .enabled(if: LiveAccess.isGranted, "\(LiveAccess.refusal ?? "nothing refused")"))
struct LiveTests {}
