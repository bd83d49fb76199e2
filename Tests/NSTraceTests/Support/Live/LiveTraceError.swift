// SPDX-License-Identifier: Apache-2.0

/// Why a live test could not come to its question.
enum LiveTraceError: Error {
  case timedOut(String)
  case noFact(String)
  case actorFailed(String)
}
