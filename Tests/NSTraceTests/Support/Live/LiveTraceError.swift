// SPDX-License-Identifier: Apache-2.0

/// Why a live test did not get as far as its expectations.
enum LiveTraceError: Error {
  case timedOut(String)
  case noFact(String)
  case actorFailed(String)
}
