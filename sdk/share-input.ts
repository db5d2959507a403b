/** STIX as people have it, object by object. The centre reads what connectors send in the same way. */
export { objectsIn } from '@parley/core/stix-input.ts';
