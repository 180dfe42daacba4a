import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';

/** The first line of a page, which is the window's title too. */
export function Title(properties: { text: string; children?: ComponentChildren }): JSX.Element {
  useEffect(() => {
    document.title = `${properties.text} · Groundcrew`;
  }, [properties.text]);
  return (
    <div class="headline">
      <h1>{properties.text}</h1>
      {properties.children}
    </div>
  );
}
