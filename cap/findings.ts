/** What is wrong with a message, where, and what would be right. Whoever shows it translates by the rule. */

export type Level = 'error' | 'warning';

export interface Finding {
  readonly rule: string;
  readonly level: Level;
  /** An XPath in the words of the standard, such as `/alert/info[2]/area[1]/polygon[1]`, and the line if there is one. */
  readonly at: { readonly path: string; readonly line?: number };
  readonly message: string;
  readonly wanted: string;
}

/** Where the elements of a message stand in its bytes. */
export type Places = ReadonlyMap<string, number>;

export function error(rule: string, path: string, message: string, wanted: string): Finding {
  return { rule, level: 'error', at: { path }, message, wanted };
}

export function warning(rule: string, path: string, message: string, wanted: string): Finding {
  return { rule, level: 'warning', at: { path }, message, wanted };
}

export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some(({ level }) => level === 'error');
}

/** The findings with their lines: of what is missing, the line of what it is missing from. */
export function located(findings: readonly Finding[], places: Places): Finding[] {
  return findings.map((finding) => {
    if (finding.at.line !== undefined) return finding;
    const line = lineOf(finding.at.path, places);
    return line === undefined ? finding : { ...finding, at: { ...finding.at, line } };
  });
}

function lineOf(path: string, places: Places): number | undefined {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    const line = places.get(at);
    if (line !== undefined) return line;
  }
  return undefined;
}
