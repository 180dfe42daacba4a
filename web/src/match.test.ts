import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedQuery, link, matchPath, placeOf, quoted } from './match.ts';

describe('addresses', () => {
  it('matches parts by name', () => {
    expect(matchPath('/runs/:id', '/runs/977')).toEqual({ id: '977' });
    expect(matchPath('/', '/')).toEqual({});
    expect(matchPath('/runs/:id', '/runs')).toBeNull();
    expect(matchPath('/runs/:id', '/nodes/977')).toBeNull();
  });

  it('decodes what was encoded, and is no page when that is broken', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (id) => {
        expect(matchPath('/runs/:id', `/runs/${encodeURIComponent(id)}`)).toEqual({ id });
      }),
    );
    expect(matchPath('/runs/:id', '/runs/%E0%A4%A')).toBeNull();
  });

  it('leaves out what is not set', () => {
    expect(link('/nodes', { state: 'ready', label: null, provider: '' })).toBe('/nodes?state=ready');
    expect(link('/nodes')).toBe('/nodes');
    expect(link('/tests', { text: 'a & b' })).toBe('/tests?text=a+%26+b');
  });

  it('changes a part of a query and keeps the rest', () => {
    const query = new URLSearchParams('state=ready&label=jammy');
    expect(changedQuery(query, { state: null, provider: 'a' })).toBe('label=jammy&provider=a');
    expect(changedQuery(query, { state: '', label: null })).toBe('');
  });

  it('writes any text as one word for a shell', () => {
    expect(quoted('acme/widget@1a2b3c4')).toBe('acme/widget@1a2b3c4');
    expect(quoted("it's $HOME; rm")).toBe("'it'\\''s $HOME; rm'");
    expect(quoted('')).toBe("''");
  });

  it('leads to what an identifier names, else to a search', () => {
    expect(placeOf('n-c40b1234')).toBe('/nodes/n-c40b1234');
    expect(placeOf('r-2041')).toBe('/requests/r-2041');
    expect(placeOf('977')).toBe('/runs/977');
    expect(placeOf('drains in order')).toBe('/tests?text=drains+in+order');
  });
});
