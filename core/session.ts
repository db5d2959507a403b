/** What a device signs to open a session: a DSSE envelope of its own type, so that it never passes for a statement. */
export const sessionType = 'application/vnd.parley.session+json';
