/** A plain page for who comes with a browser: no script, no style from elsewhere, nothing that is not public. */
import type { Classification } from '@parley/core/classification.ts';
import { spoken } from '@parley/core/keys.ts';
import type { CentreInfo } from '../context.ts';

export function landingPage(
  { centre, origin, party, host, logs }: CentreInfo,
  highest: Classification,
): string {
  const log = `/${origin.slice(centre.length + 1)}`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${centre}</title></head>
<body>
<main>
<h1>${centre}</h1>
<p>This is a Parley centre: parties that must warn each other of threats share here what they know, under terms
that they agreed on. What a party says is signed by that party, shown to those it names for the purposes it allows,
and kept in a log that nobody, the host included, can change without being caught.</p>
<h2>What the host can do</h2>
<p>Whoever runs this centre can read what is said here: nothing is sealed yet. The host cannot say anything in
the name of a party, change what was said, or take something out of the log unnoticed. It could show something to
somebody who should not see it, or leave a reading out of the record: share here only what its host may know.</p>
<p>This centre is accredited for nothing above: <strong>${highest}</strong>.</p>
<h2>Who to compare</h2>
<p>The centre’s fingerprint: <code>${spoken(party)}</code></p>
${host === null ? '' : `<p>Its host’s fingerprint: <code>${spoken(host)}</code></p>\n`}<p>The keys of its log:</p>
<ul>
${logs.map((key) => `<li><code>${escaped(key)}</code></li>`).join('\n')}
</ul>
<h2>Where to go</h2>
<ul>
<li>With an invitation: <code>parley join</code> on the command line</li>
<li>The log’s newest checkpoint: <a href="${log}/checkpoint">${log}/checkpoint</a></li>
<li>The interface for programs: <a href="/openapi.json">/openapi.json</a></li>
</ul>
</main>
</body>
</html>
`;
}

/** A key of ML-DSA is long, and its base64 has nothing that HTML would read; the name before it is the origin. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
