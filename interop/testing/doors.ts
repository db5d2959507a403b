/** Who is let in where. A new route needs its row here, a new kind of caller its column: `doors.test.ts` reads both. */
import { type CallerName, callers } from './callers.ts';

const table = `
                                                nobody   outsider  observer   reader     speaker    governor   revoked left       feed   elsewhere otherwise writer
DELETE /api/v1/sessions/current                 sign-in  yes       yes        yes        yes        yes        ended   yes        route  route     route     route
GET /                                           yes      yes       yes        yes        yes        yes        ended   yes        yes    yes       yes       yes
GET /api/v1/accesses                            sign-in  yes       yes        yes        yes        yes        ended   yes        route  route     route     route
GET /api/v1/accesses/digests                    sign-in  yes       yes        yes        yes        yes        ended   yes        route  route     route     route
GET /api/v1/attempts                            sign-in  yes       yes        yes        yes        yes        ended   yes        route  route     route     route
GET /api/v1/cases                               yes      yes       yes        yes        yes        yes        ended   yes        yes    yes       yes       right
GET /api/v1/centre                              yes      yes       yes        yes        yes        yes        ended   yes        yes    yes       yes       yes
GET /api/v1/complaints                          sign-in  yes       yes        yes        yes        yes        ended   yes        route  route     route     route
GET /api/v1/connectors                          sign-in  yes       yes        yes        yes        yes        ended   yes        route  route     route     route
GET /api/v1/connectors/:device/refusals         sign-in  absent    absent     yes        yes        absent     ended   absent     route  route     route     route
GET /api/v1/devices                             sign-in  yes       yes        yes        yes        yes        ended   yes        route  route     route     route
GET /api/v1/events                              yes      yes       yes        yes        yes        yes        ended   yes        yes    yes       yes       right
GET /api/v1/holds                               sign-in  yes       yes        yes        yes        yes        ended   yes        route  route     route     route
GET /api/v1/parties                             yes      yes       yes        yes        yes        yes        ended   yes        yes    yes       yes       right
GET /api/v1/recalls                             sign-in  yes       yes        yes        yes        yes        ended   yes        route  route     route     route
GET /api/v1/recovery                            sign-in  yes       yes        yes        yes        yes        ended   yes        route  route     route     route
GET /api/v1/rooms                               yes      yes       yes        yes        yes        yes        ended   yes        yes    yes       yes       right
GET /api/v1/rooms/:room                         absent   absent    yes        yes        yes        yes        ended   yes        yes    absent    yes       right
GET /api/v1/rooms/:room/locked                  yes      absent    yes        yes        yes        yes        ended   yes        yes    absent    yes       right
GET /api/v1/rooms/:room/parts                   absent   absent    yes        yes        yes        yes        ended   yes        yes    absent    yes       right
GET /api/v1/rooms/:room/supervision/accesses    sign-in  absent    supervisor supervisor supervisor supervisor ended   supervisor route  route     route     route
GET /api/v1/rooms/:room/supervision/statistics  sign-in  absent    supervisor supervisor supervisor supervisor ended   supervisor route  route     route     route
GET /api/v1/rooms/:room/undertakings            absent   absent    yes        yes        yes        yes        ended   yes        yes    absent    yes       right
GET /api/v1/sessions/current                    sign-in  yes       yes        yes        yes        yes        ended   yes        route  route     route     route
GET /api/v1/statements                          yes      yes       yes        yes        yes        yes        ended   yes        yes    yes       yes       right
GET /api/v1/statements/:party/:id               absent   absent    absent     yes        yes        yes        ended   absent     yes    absent    absent    right
GET /api/v1/statements/:party/:id/audience      sign-in  absent    absent     author     author     yes        ended   absent     route  route     route     route
GET /api/v1/statements/:party/:id/parts/:n/file absent   absent    absent     absent     absent     absent     ended   absent     absent absent    absent    right
GET /api/v1/statements/:party/:id/readers       sign-in  absent    absent     author     author     yes        ended   absent     route  route     route     route
GET /api/v1/statements/:party/:id/receipt       absent   absent    absent     yes        yes        yes        ended   absent     yes    absent    absent    right
GET /api/v1/subject-requests                    sign-in  yes       yes        yes        yes        yes        ended   yes        route  route     route     route
GET /api/v1/tasks                               sign-in  yes       yes        yes        yes        yes        ended   yes        route  route     route     route
GET /health                                     yes      yes       yes        yes        yes        yes        ended   yes        yes    yes       yes       yes
GET /log/1/checkpoint                           yes      yes       yes        yes        yes        yes        ended   yes        yes    yes       yes       yes
GET /log/1/cosigned                             absent   absent    absent     absent     absent     absent     ended   absent     absent absent    absent    absent
GET /log/1/tile/*                               yes      yes       yes        yes        yes        yes        ended   yes        yes    yes       yes       yes
GET /metrics                                    absent   absent    absent     absent     absent     absent     absent  absent     absent absent    absent    absent
GET /openapi.json                               yes      yes       yes        yes        yes        yes        ended   yes        yes    yes       yes       yes
GET /ready                                      yes      yes       yes        yes        yes        yes        ended   yes        yes    yes       yes       yes
HEAD /                                          yes      yes       yes        yes        yes        yes        ended   yes        yes    yes       yes       yes
HEAD /api/v1/centre                             yes      yes       yes        yes        yes        yes        ended   yes        yes    yes       yes       yes
HEAD /health                                    yes      yes       yes        yes        yes        yes        ended   yes        yes    yes       yes       yes
HEAD /log/1/checkpoint                          yes      yes       yes        yes        yes        yes        ended   yes        yes    yes       yes       yes
HEAD /log/1/cosigned                            absent   absent    absent     absent     absent     absent     ended   absent     absent absent    absent    absent
HEAD /log/1/tile/*                              yes      yes       yes        yes        yes        yes        ended   yes        yes    yes       yes       yes
HEAD /ready                                     yes      yes       yes        yes        yes        yes        ended   yes        yes    yes       yes       yes
POST /api/v1/connectors                         sign-in  yes       yes        right      right      yes        ended   yes        route  route     route     route
POST /api/v1/files                              body     body      body       body       body       body       ended   body       route  route     route     route
POST /api/v1/rooms/:room/objects                sign-in  connector connector  connector  connector  connector  ended   connector  right  right     right     yes
POST /api/v1/sessions                           envelope yes       yes        yes        yes        yes        ended   yes        route  route     route     route
POST /api/v1/sessions/challenge                 yes      yes       yes        yes        yes        yes        ended   yes        route  route     route     route
POST /api/v1/sessions/step                      sign-in  yes       yes        yes        yes        yes        ended   yes        route  route     route     route
POST /api/v1/statements                         body     room      observes   right      yes        yes        ended   member     route  route     route     route
`;

/** What the table's words stand for; `yes` is any answer that is no refusal. */
const words: Readonly<Record<string, string>> = {
  'sign-in': '401 session.needed',
  ended: '401 session.unknown',
  absent: '404 absent',
  route: '403 connector.route',
  connector: '403 connector.only',
  right: '403 device.right',
  author: '403 target.not-author',
  supervisor: '403 room.not-supervisor',
  observes: '403 room.observer',
  member: '403 room.not-member',
  room: '403 room.unknown',
  body: '400 body.malformed',
  envelope: '400 dsse.malformed',
};

export interface Outcome {
  readonly status: number;
  /** Null: the answer has no body. */
  readonly code: string | null;
}

export interface Row {
  readonly route: string;
  readonly cells: Readonly<Record<CallerName, string>>;
}

/** In the table's words, or as it came. */
export function wordOf({ status, code }: Outcome): string {
  if (status < 400) return 'yes';
  const known = Object.entries(words).find(([, text]) =>
    code === null
      ? text.startsWith(String(status)) && !text.endsWith('needed')
      : text === `${status} ${code}`,
  );
  return known?.[0] ?? `${status} ${code}`;
}

export function rowsOf(): Row[] {
  const [first = '', ...lines] = table.trim().split('\n');
  const columns = first.trim().split(/\s+/);
  if (columns.join() !== callers.join()) throw new Error(`columns are ${columns}`);
  return lines.map((line) => {
    const [method, path, ...cells] = line.trim().split(/\s+/);
    if (cells.length !== columns.length) throw new Error(`${method} ${path} has ${cells.length} cells`);
    const named = Object.fromEntries(columns.map((name, i) => [name, cells[i]]));
    return { route: `${method} ${path}`, cells: named as Row['cells'] };
  });
}
