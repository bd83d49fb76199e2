// SPDX-License-Identifier: Apache-2.0

package import CNSWire
package import NSTrace

/// Judges a registration by the records that the stream will hold, so that a replay comes to the
/// same verdict; nil: granted.
package typealias RegistrationJudge = (nst_register, [nst_member]) -> RegistrationError?
