import type { Driver } from './contract.ts';
import { localDriver } from './local/driver.ts';

/** Every driver of this program: a new one adds its folder and its line here. */
export const DRIVERS: readonly Driver[] = [localDriver];
