import { render } from 'preact';
import { App } from './app.tsx';
import './style/base.css';
import './style/tables.css';
import './style/results.css';
import './style/log.css';

render(<App />, document.getElementById('root') as HTMLElement);
