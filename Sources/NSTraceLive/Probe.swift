// SPDX-License-Identifier: Apache-2.0

internal import CBPF

/// Owns the C side's `struct nst_probe`.
@safe
struct Probe: ~Copyable {
  let raw: OpaquePointer
  deinit { unsafe nst_probe_close(raw) }
}
