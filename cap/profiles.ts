/** The profiles that ship. An operator's own stand beside them, in the same form. */
import { type Profile, readProfile } from './profile.ts';
import base from './profiles/base.json' with { type: 'json' };
import wmoItu from './profiles/wmo-itu.json' with { type: 'json' };

export const shipped: Readonly<Record<'base' | 'wmo-itu', Profile>> = {
  base: readProfile(base),
  'wmo-itu': readProfile(wmoItu),
};
