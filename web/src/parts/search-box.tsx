import type { JSX } from 'preact';
import { go } from '../route.ts';

/** Where a text leads: a node, a request or a run by its identifier, else a search among tests. */
export function placeOf(text: string): string {
  if (/^n-[0-9a-z]{8}$/.test(text)) return `/nodes/${text}`;
  if (/^r-\d+$/.test(text)) return `/requests/${text}`;
  if (/^\d+$/.test(text)) return `/runs/${text}`;
  return `/tests?text=${encodeURIComponent(text)}`;
}

export function SearchBox(): JSX.Element {
  return (
    // biome-ignore lint/a11y/useSemanticElements: the search element is not known to all screen readers yet.
    <form
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        const input = event.currentTarget.elements.namedItem('search') as HTMLInputElement;
        if (input.value.trim() !== '') go(placeOf(input.value.trim()));
        input.value = '';
        input.blur();
      }}
    >
      <input
        id="search"
        name="search"
        class="search"
        type="search"
        placeholder="Search  /"
        aria-label="Search: a node, a request, a run, or a test's name"
      />
    </form>
  );
}
