/** Why the centre refuses a connector, rule by rule (spec/connectors.md). */

const rules: Readonly<Record<string, string>> = {
  device: 'It was revoked, has ended, or was never enrolled: a token opens nothing then. Add a new one.',
  route:
    'A token opens what is for reading and takes objects, nothing else; what a party does itself, its people sign.',
  room: 'It was enrolled for other rooms. Add one for this room.',
  right: 'It was enrolled to read only, to write only, or without personal data.',
  release:
    'Nothing is there for it: it was never said, was taken back, or its purpose, its justification or its rooms do not open it. "parley connector why NAME --statement PARTY/ID" tells which, as far as your party may know.',
  terms: 'What your party is in that room, or the terms that it accepted there, do not allow it.',
  handling:
    'The handling that it was enrolled with, a marking in the object, or the originator does not allow it.',
  format: 'What the client sent is not of the form that is expected at that place.',
  load: 'The client asks more often than it may, or the centre is busy: it should wait as it is told.',
  centre: 'The centre failed; whoever runs it finds it in its log.',
};

export function ruleInWords(rule: string): string {
  return rules[rule] ?? rule;
}
