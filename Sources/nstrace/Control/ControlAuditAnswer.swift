// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import NSTrace

/// The answer to a `ControlAuditQuery`, before `{"ok":true}`: a line `{"type":"states","states":"…"}` with
/// one letter for each event, and a line `{"type":"mentions","of":[…],"mentions":[…]}` for those that belong
/// to the same containers.
struct ControlAuditAnswer: LineMaker {
  private var answers: [AnnotationAnswer]
  private var groups: [(mentions: [ContainerMention], events: [Int])] = []
  /// The index of the line that comes next.
  private var next = 0

  init(_ answers: [AnnotationAnswer]) {
    self.answers = answers
    var indices: [[ContainerMention]: Int] = [:]
    for (event, answer) in answers.enumerated() {
      guard case .known(let mentions) = answer, !mentions.isEmpty else { continue }
      let index = indices[mentions] ?? groups.count
      if index == groups.count { groups.append((mentions, [])) }
      indices[mentions] = index
      groups[index].events.append(event)
    }
  }

  mutating func writeNext(to text: inout TextBuffer) -> Bool {
    defer { next += 1 }
    guard next <= groups.count else { return false }
    if next == 0 { writeStates(to: &text) } else { write(groups[next - 1], to: &text) }
    return true
  }

  private func writeStates(to text: inout TextBuffer) {
    text.append("{\"type\":\"states\",\"states\":\"")
    for answer in answers { text.append(byte: State(answer).rawValue) }
    text.append("\"}\n")
  }

  private func write(
    _ group: (mentions: [ContainerMention], events: [Int]), to text: inout TextBuffer
  ) {
    text.append("{\"type\":\"mentions\",\"of\":[")
    for (index, event) in group.events.enumerated() {
      if index > 0 { text.append(",") }
      text.append(decimal: UInt64(event))
    }
    text.append("],\"mentions\":[")
    for (index, mention) in group.mentions.enumerated() {
      text.append(index > 0 ? ",{\"contid\":\"" : "{\"contid\":\"")
      mention.containers.append(to: &text)
      text.append("\"")
      if let session = mention.session { text.append(",\"cses\":", decimal: UInt64(session)) }
      text.append("}")
    }
    text.append("]}\n")
  }

  fileprivate enum State: UInt8 {
    case outside, unknown, host, inContainer

    init?(rawValue: UInt8) {
      switch rawValue {
      case UInt8(ascii: "o"): self = .outside
      case UInt8(ascii: "u"): self = .unknown
      case UInt8(ascii: "h"): self = .host
      case UInt8(ascii: "c"): self = .inContainer
      default: return nil
      }
    }

    var rawValue: UInt8 {
      switch self {
      case .outside: UInt8(ascii: "o")
      case .unknown: UInt8(ascii: "u")
      case .host: UInt8(ascii: "h")
      case .inContainer: UInt8(ascii: "c")
      }
    }

    init(_ answer: AnnotationAnswer) {
      switch answer {
      case .outside: self = .outside
      case .unknown, .unanswered: self = .unknown
      case .known(let mentions): self = mentions.isEmpty ? .host : .inContainer
      }
    }
  }
}

// MARK: - At the other end

extension ControlAuditAnswer {
  /// Puts an answer together from its lines.
  struct Reading {
    /// Those of which the containers have not come are unknown.
    private(set) var answers: [AnnotationAnswer] = []
    private let count: Int

    /// The answer is none.
    struct Malformed: Error, CustomStringConvertible {
      var description: String { "the tracer's answer is none: it may be another version" }
    }

    private struct Line: Decodable {
      struct Mention: Decodable {
        let contid: String
        let cses: UInt32?
      }

      let type: String
      let states: String?
      let of: [Int]?
      let mentions: [Mention]?
    }

    /// - Parameter count: the number of events that were asked about.
    init(count: Int) { self.count = count }

    /// Whether all has come that must.
    var isWhole: Bool { answers.count == count }

    /// - Throws: `Malformed`, `DecodingError`.
    mutating func take(_ line: [UInt8]) throws {
      let line = try JSONDecoder().decode(Line.self, from: Data(line))
      if let states = line.states {
        guard states.utf8.count == count else { throw Malformed() }
        answers = try states.utf8.map(Self.answer)
      } else if let events = line.of, let mentions = line.mentions {
        let known = AnnotationAnswer.known(try mentions.map(Self.mention))
        for event in events {
          guard answers.indices.contains(event) else { throw Malformed() }
          answers[event] = known
        }
      }
    }

    private static func answer(_ letter: UInt8) throws(Malformed) -> AnnotationAnswer {
      switch State(rawValue: letter) {
      case .outside: .outside
      case .host: .known([])
      case .unknown, .inContainer: .unknown
      case nil: throw Malformed()
      }
    }

    private static func mention(_ mention: Line.Mention) throws(Malformed) -> ContainerMention {
      guard let list = ContainerList(text: mention.contid) else { throw Malformed() }
      return ContainerMention(list, session: mention.cses)
    }
  }
}
