// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// What a stream has of a keeper before its first walk, besides who is inside and stains.
enum KeptRecord {
  case registration(KeptRegistration)
  case session(KeptSession)
}
