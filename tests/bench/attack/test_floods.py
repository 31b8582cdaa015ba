"""What floods send: messages that the server takes, each with something new to learn."""

from __future__ import annotations

from itertools import islice

from frametalk.bench.attack.floods import FLOODS, _scene, _tools
from frametalk.core.scene import Scene
from frametalk.wire import messages as m
from frametalk.wire.codec import MAX_MESSAGE_BYTES, client_codec


def test_each_patch_fits_the_scene_before_it_and_has_names_of_its_own() -> None:
    scene, names, said = Scene(max_entities=512), list[str](), 0
    for frame in islice(FLOODS["patches"].frames(), 200):
        match client_codec.decode_binary(frame):
            case m.SceneSnapshot() as snapshot:
                scene.snapshot(snapshot.rev, snapshot.entities)
            case m.ScenePatch() as patch:
                scene.patch(patch.base, patch.rev, put=patch.put, remove=patch.remove)
                names += [entity.name for entity in patch.put]
            case m.Say():
                said += 1
    assert len(names) == len(set(names)) > 90
    assert len(scene.entities) >= 400
    assert said > 5


def test_no_scene_has_the_names_of_another_and_no_hello_the_tools() -> None:
    first, second = (client_codec.decode_binary(_scene(number)) for number in (1, 2))
    assert isinstance(first, m.SceneSnapshot)
    assert isinstance(second, m.SceneSnapshot)
    assert {one.name for one in first.entities}.isdisjoint(one.name for one in second.entities)
    hello, other = (client_codec.decode_binary(_tools()) for _ in range(2))
    assert isinstance(hello, m.Hello)
    assert isinstance(other, m.Hello)
    assert all(a.parameters != b.parameters for a, b in zip(hello.tools, other.tools, strict=True))


def test_each_message_is_one_that_a_client_may_send() -> None:
    frames = [next(flood.frames()) for flood in FLOODS.values()]
    frames += [_scene(10**6), *(flood.hello() for flood in FLOODS.values())]
    assert max(map(len, frames)) <= MAX_MESSAGE_BYTES
