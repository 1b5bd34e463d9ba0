/** Which boxes of two pictures stand for the same thing, so that a window onto one fits the other. */

import type { Scene, SceneBox } from "../scene/scene";
import { counterparts, journeyOf } from "../stepping";
import type { Picture } from "./director";

/** The scene of a picture, its boxes and clusters named as their twins in another picture are. */
export function named(picture: Picture, after: Picture): Scene {
  const { scene } = picture;
  const containers = counterparts(picture.graph, after.graph);
  const ends = new Map(after.scene.boxes.map((box) => [endKey(box), box.id]));
  const nodeTwin = (node: number) => {
    const [twin = -1] = journeyOf(picture.graph, node, after.graph);
    return twin < 0 ? "" : after.visible.nodeBox(twin);
  };
  const containerTwin = (id: string) => {
    const twin = containers.get(Number(id.slice(1)));
    return twin === undefined ? "" : `c${twin}`;
  };
  const twinOf = (box: SceneBox): string => {
    if (box.kind === "op") return nodeTwin(box.index);
    if (box.kind === "container") return containerTwin(box.id);
    return ends.get(endKey(box)) ?? "";
  };
  return {
    ...scene,
    boxes: scene.boxes.map((box) => ({ ...box, id: twinOf(box) })).filter(({ id }) => id !== ""),
    clusters: scene.clusters
      .map((cluster) => ({ ...cluster, id: containerTwin(cluster.id) }))
      .filter(({ id }) => id !== ""),
  };
}

const endKey = ({ kind, title }: SceneBox) => `${kind} ${title}`;
