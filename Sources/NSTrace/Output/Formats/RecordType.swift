// SPDX-License-Identifier: Apache-2.0

/// The types of records: the kernel's own by the kernel's numbers, the others by numbers from a
/// base.
package enum RecordType: UInt32, CaseIterable, Sendable {
  case syscall, nsCreate, nsChange, nsDestroy, nsInfo, containerID, containerOp, nsLost
  case containerSession, proctitle
  case virtControl, virtResource, virtMachineID

  package var name: StaticString {
    switch self {
    case .syscall: "SYSCALL"
    case .nsCreate: "NS_CREATE"
    case .nsChange: "NS_CHANGE"
    case .nsDestroy: "NS_DESTROY"
    case .nsInfo: "NS_INFO"
    case .containerID: "CONTAINER_ID"
    case .containerOp: "CONTAINER_OP"
    case .nsLost: "NS_LOST"
    case .containerSession: "CONTAINER_SESSION"
    case .proctitle: "PROCTITLE"
    case .virtControl: "VIRT_CONTROL"
    case .virtResource: "VIRT_RESOURCE"
    case .virtMachineID: "VIRT_MACHINE_ID"
    }
  }

  /// The first number of the own types: 1390 to 1397 are unused elsewhere.
  package static let defaultBase: UInt32 = 1390

  /// Its distance from the base; nil: a type that auditd knows by name.
  var offset: UInt32? {
    switch self {
    case .syscall, .proctitle, .virtControl, .virtResource, .virtMachineID: nil
    case .nsCreate: 0
    case .nsChange: 1
    case .nsDestroy: 2
    case .nsInfo: 3
    case .containerID: 4
    case .containerOp: 5
    case .nsLost: 6
    case .containerSession: 7
    }
  }

  init(_ step: LifecycleRecord.Step) {
    switch step {
    case .machineID: self = .virtMachineID
    case .resource: self = .virtResource
    case .start, .stop: self = .virtControl
    }
  }

  package init(_ verb: NamespaceRecord.Verb) {
    switch verb {
    case .create: self = .nsCreate
    case .change: self = .nsChange
    case .destroy: self = .nsDestroy
    }
  }
}
