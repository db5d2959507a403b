/** A message to bytes: the same message gives the same bytes. They are signed, kept and served as they are. */
import type { Bytes } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Finding } from './findings.ts';
import { alertGrammar, capNamespace, type Grammar, isLeaf } from './grammar.ts';
import { type Alert, type AlertInput, alert as alertShape } from './message.ts';
import { check } from './rules.ts';
import { finished, leaf, newDocument, type XMLBuilder } from './xml-write.ts';

/** What others may be forgiven, and what never goes out from here. */
const neverWritten: readonly string[] = ['utc', 'language.twice'];

/** @throws cap.malformed, cap.rule: whatever this writes keeps the schema and the rules */
export function writeCap(input: AlertInput): Bytes {
  const alert = shaped(input);
  refuseBroken(check(alert));
  const document = newDocument();
  writeElement(document.ele(capNamespace, 'alert'), alert, alertGrammar);
  return finished(document);
}

function shaped(input: AlertInput): Alert {
  const result = alertShape.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Refusal('cap.malformed', {
    at: `/alert/${(issue?.path ?? []).map(String).join('/')}`,
    ...(issue ? { detail: issue.message } : {}),
  });
}

function refuseBroken(findings: readonly Finding[]): void {
  const first = findings.find(({ rule, level }) => level === 'error' || neverWritten.includes(rule));
  if (!first) return;
  throw new Refusal('cap.rule', {
    at: first.at.path,
    detail: `${first.message}; wanted: ${first.wanted}`,
    params: { rule: first.rule },
  });
}

function writeElement(parent: XMLBuilder, value: Readonly<Record<string, unknown>>, grammar: Grammar): void {
  for (const { name, type, many } of grammar) {
    const said = value[name];
    if (said === undefined) continue;
    for (const item of many ? (said as unknown[]) : [said]) {
      if (!isLeaf(type)) writeElement(parent.ele(name), item as Record<string, unknown>, type);
      else if (!Array.isArray(item) || item.length > 0) leaf(parent, name, type.write(item as never));
    }
  }
}
