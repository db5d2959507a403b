/** Of an info block and its resources (CAP 1.2, 3.2.2 and 3.2.3): times, plain texts, addresses. */
import { error, type Finding, warning } from './findings.ts';
import type { Alert, Info } from './message.ts';
import { checkUtc } from './rules-header.ts';
import { isBlank } from './texts.ts';
import { instantOf } from './times.ts';

export function checkInfo(info: Info, { sent }: Alert, path: string): Finding[] {
  return [
    ...(isBlank(info.event) ? [error('event', `${path}/event`, 'No event', 'what it is about')] : []),
    ...checkTimes(info, sent, path),
    ...checkTexts(info, path),
    ...(info.web !== undefined && !isAbsolute(info.web)
      ? [error('web', `${path}/web`, 'Not an absolute address', 'an absolute URI, such as https://…')]
      : []),
    ...info.resource.flatMap((resource, i) => checkResource(resource, `${path}/resource[${i + 1}]`)),
  ];
}

function checkTimes(info: Info, sent: string, path: string): Finding[] {
  const { effective, onset, expires } = info;
  const findings = (['effective', 'onset', 'expires'] as const).flatMap((name) =>
    checkUtc(`${path}/${name}`, info[name]),
  );
  if (expires === undefined)
    return [
      ...findings,
      warning('expires', path, 'It never ends: each recipient decides when it does', 'expires'),
    ];
  // 3.2.2: without effective, it holds from sent.
  if (instantOf(expires) <= instantOf(effective ?? sent))
    findings.push(
      error('expires.order', `${path}/expires`, 'It ends before it holds', 'a time after effective and sent'),
    );
  if (onset !== undefined && instantOf(expires) <= instantOf(onset))
    findings.push(
      error('onset.order', `${path}/onset`, 'It ends before the event begins', 'a time before expires'),
    );
  return findings;
}

const texts = [
  'event',
  'audience',
  'senderName',
  'headline',
  'description',
  'instruction',
  'contact',
] as const;

function checkTexts(info: Info, path: string): Finding[] {
  return texts.flatMap((name) => {
    const text = info[name];
    return text === undefined ? [] : checkPlain(text, `${path}/${name}`);
  });
}

// A tag of HTML, and not any pair of signs: "wind < 5 and > 3" is a text.
const tag = /<\/?[a-z][a-z0-9]*(?:\s[^<>]*)?\/?>|<!--/i;
const entity = /&(?:[a-z][a-z0-9]*|#[0-9]+|#x[0-9a-f]+);/i;

export function checkPlain(text: string, path: string): Finding[] {
  if (!tag.test(text) && !entity.test(text)) return [];
  return [error('html', path, 'HTML, which is shown as it stands', 'plain text')];
}

// RFC 3986 and 3987, as far as schema validators look: no white space, brackets or stray percent signs.
const uri =
  /^[a-z][a-z0-9+.-]*:(?:[^\s<>"{}|\\^`[\]%#]|%[0-9a-f]{2})+(?:#(?:[^\s<>"{}|\\^`[\]%#]|%[0-9a-f]{2})*)?$/i;

function isAbsolute(text: string): boolean {
  return uri.test(text) && URL.canParse(text);
}

function checkResource(resource: Info['resource'][number], path: string): Finding[] {
  const { uri, derefUri, size, mimeType, digest } = resource;
  const findings: Finding[] = [];
  if (uri !== undefined && !isAbsolute(uri) && derefUri === undefined)
    findings.push(
      error(
        'resource.uri',
        `${path}/uri`,
        'A relative address of nothing',
        'an absolute URI, or the content in derefUri',
      ),
    );
  if (uri === undefined && derefUri === undefined)
    findings.push(warning('resource.uri', path, 'A resource that is nowhere', 'uri or derefUri'));
  if (derefUri !== undefined && !isBase64(derefUri))
    findings.push(error('resource.base64', `${path}/derefUri`, 'Not base64', 'the content in base64'));
  if (size !== undefined && size < 0)
    findings.push(error('resource.size', `${path}/size`, 'Less than nothing', 'the size in bytes'));
  if (!/^[\w.+-]+\/[\w.+-]+/.test(mimeType.trim()))
    findings.push(error('resource.type', `${path}/mimeType`, 'Not a MIME type', 'a type such as image/png'));
  // 3.2.3: by SHA-1 (FIPS 180-2).
  if (digest !== undefined && !/^[0-9a-f]{40}$/i.test(digest.trim()))
    findings.push(
      warning('resource.digest', `${path}/digest`, 'Not a SHA-1 in hexadecimal digits', '40 digits'),
    );
  return findings;
}

function isBase64(text: string): boolean {
  const plain = text.replace(/\s/g, '');
  return plain.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(plain);
}
