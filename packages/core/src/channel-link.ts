import type { AcquisitionObject } from "./acquisition-object.js";

/** A connection between channels, made at the first prepare of the object that owns it and undone at its stop. */
export interface ChannelLink {
  /** Returns the way out. */
  connect(): () => void;
}

const links = new WeakMap<AcquisitionObject, ChannelLink[]>();

/** The links that an object owns. */
export function linksOf(object: AcquisitionObject): readonly ChannelLink[] {
  return links.get(object) ?? [];
}

/** Gives an object a link. */
export function addLink(object: AcquisitionObject, link: ChannelLink): void {
  const owned = links.get(object);
  if (owned) owned.push(link);
  else links.set(object, [link]);
}
