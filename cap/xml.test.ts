import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { type Element, parseXml, standalone } from './xml.ts';

const parse = (text: string) => parseXml(utf8(text), 10_000);

function refused(text: string | Uint8Array, limit = 10_000): Refusal {
  try {
    parseXml(typeof text === 'string' ? utf8(text) : text, limit);
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return error;
  }
  assert.fail(`taken: ${text}`);
}

function find(element: Element, name: string): Element {
  const found = element.children.find((child) => child.name === name);
  assert.ok(found, name);
  return found;
}

describe('XML from strangers', () => {
  it('is read with namespaces, references and lines', () => {
    const { root } = parse(
      '\uFEFF<?xml version="1.0"?>\r\n<!-- a -->\n<?xml-stylesheet href="x"?>\n<p:a xmlns:p="urn:a" xmlns="urn:b">\n' +
        '  <b c="&quot;&#x41;">1 &lt;<![CDATA[&lt;2>]]><!-- no -->&#233;\r\n3</b>\n  <p:c/></p:a>\n<!-- end -->\n',
    );
    assert.deepEqual([root.name, root.namespace, root.line], ['a', 'urn:a', 4]);
    const b = find(root, 'b');
    assert.deepEqual([b.namespace, b.line, b.text], ['urn:b', 5, '1 <&lt;2>é\n3']);
    assert.equal(b.attributes.get('c'), '"A');
    assert.deepEqual([find(root, 'c').namespace, find(root, 'c').line], ['urn:a', 7]);
  });

  it('has no document type, wherever one might stand', () => {
    const bomb = '<!DOCTYPE a [<!ENTITY b "c">]>';
    for (const text of [
      `${bomb}<a>&b;</a>`,
      `<?xml version="1.0"?>\n<!-- -->${bomb}<a/>`,
      '<!doctype a><a/>',
      '<a><!ENTITY x "y"></a>',
    ])
      assert.equal(refused(text).code, 'xml.doctype', text);
    assert.equal(refused(`<?xml version="1.0"?>\n<!-- -->${bomb}<a/>`).at, 'line 2');
  });

  it('is well-formed, also where the parser below would let it pass', () => {
    const wrong = [
      '',
      '<a>',
      '<a></b>',
      '<a/><b/>',
      '<a/>text',
      'text<a/>',
      '<a>&foo;</a>',
      '<a>&amp</a>',
      '<a>a & b</a>',
      '<a>&#0;</a>',
      '<a>&#xD800;</a>',
      '<a>&#x110000;</a>',
      '<a>\u0001</a>',
      '<a>\uFFFE</a>',
      '<a>]]></a>',
      '<a b="<"/>',
      '<a b="1" b="2"/>',
      '<a b=1/>',
      '<p:a/>',
      '<a:b:c xmlns:a="u"/>',
      '<:a/>',
      '<a><![cdata[x]]></a>',
      '<a><!ELEMENT b></a>',
      '<a><?x "?><b/><?y "?></a>',
      '<?xml version="1.0" encoding="ISO-8859-1"?><a/>',
      '<?xml  encoding="UTF-8"?><a/>',
      ' <?xml version="1.0"?><a/>',
      '<!-- <a/>',
      '<a/><!-- ',
    ];
    for (const text of wrong) assert.equal(refused(text).code, 'xml.malformed', text);
    assert.equal(refused(new Uint8Array([0x3c, 0x61, 0xff, 0x2f, 0x3e])).code, 'xml.malformed');
    assert.equal(refused(Buffer.from('\uFEFF<a/>', 'utf16le')).code, 'xml.malformed');
    assert.equal(refused('<a>\n<b>\n</c></b></a>').at, 'line 3');
    assert.equal(refused(`${'<a>'.repeat(100)}${'</a>'.repeat(100)}`).code, 'xml.malformed');
  });

  it('is bounded', () => {
    assert.equal(refused('<a/>', 3).code, 'xml.too-large');
    assert.equal(refused('<a/>', 3).params.limit, 3);
  });

  it('is told by its lines, however many', () => {
    const lines = `<a>${'<b/>\n'.repeat(60_000)}</a>`;
    assert.equal(parseXml(utf8(lines), 1_000_000).root.children.at(-1)?.line, 60_000);
  });

  it('gives an element as a document, with the namespaces that it uses', () => {
    const document = parse(
      '<f xmlns="urn:f" xmlns:c="urn:c" xmlns:d="urn:d&amp;"><c:a b="&gt;"><c:x d:y="1"/></c:a></f>',
    );
    const text = standalone(document, find(document.root, 'a'));
    assert.equal(text, '<c:a xmlns:c="urn:c" xmlns:d="urn:d&#38;" b="&gt;"><c:x d:y="1"/></c:a>');
    assert.equal(parse(text).root.children[0]?.namespace, 'urn:c');
  });
});
