"""`red` in offers and answers, as a browser writes them and as aiortc reads them."""

from __future__ import annotations

from frametalk.transports.webrtc.red_sdp import RedType, hidden, offered, shown

CHANNELS = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:1\r\n"
BROWSER = (
    "v=0\r\ns=-\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0\r\n"
    "c=IN IP4 0.0.0.0\r\n"
    "a=mid:0\r\n"
    "a=rtpmap:111 opus/48000/2\r\n"
    "a=rtcp-fb:111 transport-cc\r\n"
    "a=fmtp:111 minptime=10;useinbandfec=1\r\n"
    "a=rtpmap:63 red/48000/2\r\n"
    "a=fmtp:63 111/111\r\n"
    "a=rtpmap:9 G722/8000\r\n" + CHANNELS
)
WITHOUT = BROWSER.replace("a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n", "")


def test_for_aiortc_red_is_opus_with_a_number_that_it_takes() -> None:
    sdp, types = hidden(BROWSER, first=False)
    assert types == (RedType(127, 111), None)
    assert "m=audio 9 UDP/TLS/RTP/SAVPF 111 127\r\n" in sdp
    assert "a=rtpmap:127 opus/48000/2\r\n" in sdp
    assert "a=fmtp:111 minptime=10;useinbandfec=1\r\n" in sdp
    assert "63" not in sdp
    assert "G722" not in sdp  # aiortc would choose it by itself
    assert sdp.endswith("a=rtpmap:127 opus/48000/2\r\n" + CHANNELS)


def test_the_answer_prefers_red_and_says_what_is_in_it() -> None:
    sdp, types = hidden(BROWSER, first=False)
    answer = shown(sdp, types)
    assert "m=audio 9 UDP/TLS/RTP/SAVPF 127 111\r\n" in answer
    assert "a=rtpmap:127 red/48000/2\r\na=fmtp:127 111/111\r\n" in answer
    assert answer.count("opus/48000/2") == 1
    assert answer.endswith(CHANNELS)


def test_what_has_no_red_stays_as_it_is() -> None:
    assert hidden(WITHOUT, first=False) == (WITHOUT, (None, None))
    assert shown(WITHOUT, (None, None)) == WITHOUT


def test_an_offer_of_aiortc_gets_red_and_its_answer_is_read_as_red() -> None:
    offer = offered(WITHOUT)
    sdp, types = hidden(offer, first=True)
    assert types == (RedType(127, 111), None)
    assert "m=audio 9 UDP/TLS/RTP/SAVPF 127 111\r\n" in sdp


def test_a_section_without_opus_gets_no_red() -> None:
    sdp = WITHOUT.replace("opus/48000/2", "PCMU/8000")
    assert offered(sdp) == sdp


def test_a_number_that_is_in_use_is_not_taken() -> None:
    sdp = BROWSER.replace("a=rtpmap:9 G722/8000", "a=rtpmap:127 G722/16000")
    assert hidden(sdp, first=False)[1][0] == RedType(126, 111)


def test_red_alone_is_no_codec() -> None:
    sdp = BROWSER.replace("a=rtpmap:111 opus/48000/2\r\n", "")
    assert hidden(sdp, first=False) == (sdp, (None, None))


def test_where_all_numbers_are_in_use_there_is_no_red() -> None:
    others = "".join(f"a=rtpmap:{number} x/1\r\n" for number in range(96, 128))
    sdp = BROWSER.replace("a=rtpmap:63", others + "a=rtpmap:63")
    assert hidden(sdp, first=False) == (sdp, (None, None))
