// SPDX-License-Identifier: Apache-2.0

internal import CBPF

/// The owner of the C side.
@safe
struct Probe: ~Copyable {
  let raw: OpaquePointer
  deinit { unsafe nst_probe_close(raw) }
}
