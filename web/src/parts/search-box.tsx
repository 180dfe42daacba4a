import type { JSX } from 'preact';
import { placeOf } from '../match.ts';
import { go } from '../route.ts';

/** Leads to a node, a request, a run, or a search among tests. */
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
        placeholder="Search (/), then Enter"
        autocomplete="off"
        aria-label="Search: a node, a request, a run, or a test's name; then press Enter"
        title="A node, a request, a run, or a part of a test's name; then press Enter"
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
    </form>
  );
}
