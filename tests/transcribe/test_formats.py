"""What recorders and telephones write, in mono and in stereo, through the decoder's process.

Here every coding is made that some encoder at hand can make: those that PyAV brings, and for GSM and AMR-WB
a file of bytes below. None makes WMA Pro, Voice and Lossless or HE-AAC; those are untried.
"""

from __future__ import annotations

import base64
import io
import itertools
import zlib
from contextlib import closing
from typing import Any

import av
import numpy as np
import pytest

from confere.errors import NotAudio
from confere.transcribe.decoder import DecoderProcess
from confere.transcribe.decoding import Decoder, probe
from confere.transcribe.resampling import SAMPLE_RATE
from doubles.encoding import CHANGING, SECONDS, encode, tone
from doubles.sealed import IDENTITY, sealed

STEREO = [
    ("wav", "pcm_u8", 16_000),
    ("wav", "pcm_s16le", 44_100),
    ("wav", "pcm_s24le", 96_000),
    ("wav", "pcm_s32le", 44_100),
    ("wav", "pcm_f32le", 48_000),
    ("wav", "pcm_alaw", 8_000),
    ("wav", "pcm_mulaw", 8_000),
    ("wav", "adpcm_ms", 22_050),
    ("wav", "adpcm_ima_wav", 22_050),
    ("wav", "libmp3lame", 44_100),
    ("w64", "pcm_s24le", 44_100),
    ("aiff", "pcm_s16be", 44_100),
    ("aiff", "pcm_s24be", 44_100),
    ("mp3", "libmp3lame", 44_100),
    ("mp3", "libmp3lame", 22_050),
    ("mp2", "mp2", 44_100),
    ("ipod", "aac", 44_100),
    ("ipod", "alac", 44_100),
    ("mov", "adpcm_ima_qt", 44_100),
    ("3gp", "aac", 16_000),
    ("adts", "aac", 44_100),
    ("asf", "wmav1", 44_100),
    ("asf", "wmav2", 44_100),
    ("flac", "flac", 44_100),
    ("ogg", "libopus", 48_000),
    ("ogg", "vorbis", 44_100),
    ("ogg", "flac", 44_100),
]
MONO = [("amr", "libopencore_amrnb", 8_000), ("3gp", "libopencore_amrnb", 8_000)]
#: Codecs' own delay at the beginning and padding at the end, in seconds.
PADDED_S = 0.12


def through_the_process(content: bytes) -> Any:
    """All samples, as the process gives them; they must be those of decoding here."""
    with sealed(content) as file:
        process = DecoderProcess(file, str(IDENTITY), "a recording")
    there = np.concatenate(list(process.blocks()), axis=1)
    with closing(Decoder(io.BytesIO(content), "a recording")) as decoder:
        here = np.concatenate(list(decoder.blocks()), axis=1)
        assert process.facts == decoder.facts
        assert (process.truncated, process.damaged) == (decoder.truncated, decoder.damaged)
    assert there.dtype == np.float32 and np.array_equal(there, here)
    assert not process.truncated and not process.damaged
    return there


def pitches(rows: Any) -> list[int]:
    """The loudest frequency of each row in its second second."""
    spectra = np.abs(np.fft.rfft(rows[:, SAMPLE_RATE : 2 * SAMPLE_RATE]))
    return [int(pitch) for pitch in spectra.argmax(axis=1)]


@pytest.mark.parametrize("given", STEREO, ids=lambda given: "-".join(map(str, given)))
def test_left_stays_left_and_right_right(given: tuple[str, str, int]) -> None:
    """A voice on each channel comes out of the process on its own row."""
    container, codec, rate = given
    rows = np.stack([tone(rate=rate), tone(rate=rate, hz=700)])
    options = {"strict": "-2"} if codec == "vorbis" else {}
    decoded = through_the_process(encode(container, codec, rate, rows, options=options))
    assert decoded.shape[0] == 2 and pitches(decoded) == [300, 700]
    assert abs(decoded.shape[1] / SAMPLE_RATE - SECONDS) < PADDED_S
    # What is left of the other voice: less than an eighth, in whatever joint coding.
    spectra = np.abs(np.fft.rfft(decoded[:, SAMPLE_RATE : 2 * SAMPLE_RATE]))
    assert spectra[0, 700] < spectra[0, 300] / 8 and spectra[1, 300] < spectra[1, 700] / 8


@pytest.mark.parametrize(
    "given", [*MONO, ("mp3", "libmp3lame", 44_100)], ids=lambda given: "-".join(map(str, given))
)
def test_mono_is_one_row(given: tuple[str, str, int]) -> None:
    """The telephone's codings have one voice only."""
    decoded = through_the_process(encode(*given))
    assert decoded.shape[0] == 1 and pitches(decoded) == [300]
    assert abs(decoded.shape[1] / SAMPLE_RATE - SECONDS) < PADDED_S


def test_an_mp3_of_changing_bit_rate_is_as_long_as_it_is() -> None:
    """Its header's guess at the length is wrong, and cuts nothing off."""
    sound = np.concatenate([np.zeros(3 * 44_100, np.float32), tone(3)])
    mp3 = encode("mp3", "libmp3lame", samples=sound, options=CHANGING)
    assert abs(through_the_process(mp3).shape[1] / SAMPLE_RATE - 6) < PADDED_S


#: 1.04 s of 300 Hz from SoX: WAV with GSM 06.10, compressed here.
GSM = zlib.decompress(
    base64.b85decode(
        "c-lQxdrT8|9KZ88i_e6kcB3us!b5^d&kVd%V{m7p2pG<CwFL`xb-wV*k+f?0L*2T~Y+$Sj9gjpbX%GS=c3Bxc9?O"
        "zuQ(PIiUR9=T$;=Aq=t{C=;<ChKzq{i8yWd^zbD!_$@jbS(y!_!>2&&z0I(UY^fGZ&gdLM!z`aK9b2JY_%=QR)wp"
        "E+^zLI${Y;ShA{#Dx<#!87#x#MUo=`0Mp&trshQMAV;#TV7m6GOx5;`(j&SS;@!hrpuP?f%Q#HB<cun>=RQ3?msp"
        "*5MtD!hn4=7uGahU#8!pw`Hs)0Kl%0{t&TB~F=w#PBl=F2LOH*&5wiq9qQ{x6B*P(jqO-`YM>r<(l3iNk3V(nMN&"
        "ut#tdE8EM@J1%)*KVb%%x)$H}cnQp`URrQ!)bqov5+ws?;NxpC}v(pcS5Zs#%Zr`4^Nv2>>l~X%Dq)5AC&j%Da1x"
        "W_!1Fwvq}G&q+0}GC-P`si!7Dx=lCG+N78$G+U}{DE@>f6eR$o#@g_!J@NNt@M%ZPwAa-T;u9-Jaf~;FWCme`x-l"
        "<w>Jg<I0O*khR($HPp~Ips4bZ>ORWN$aX3WN){cCFDvb~GS8OmtD**PYw9styY(J_0BVkpEbF6W6P5@)lLEC;K6&"
        "H-72)1|>VEU=tm#LYY*R$cN2wjFG;8Sszhs<00w271KIiso89(&y6^xj8h>w%65ih;qhRG$gw~dKWMsff{kOh0W6"
        "Bx^C?h=0{ApCdFWH8SvW5=ACec@8f~iFfzvHhwL1JiA4AR43vK2jtN(%9O6GagUcPQ7iAH_cO?ckv|&5;jMc*`H("
        "%72gatl+4|tpBCyM+s17mO@Z$^g#<CYxlnOnR>|6Ou`!k;ZUuhq#66aqj0Q?*`!M;EatB-*eUOA>lXk&e6R5uPvh"
        "UDqj$v^vQ~CXT!E4sm&Ct~EAkkD1aVOu99PZ*Yi5Bs%Yg6=VFoz;kG?NOsErqo!aV<|9uVaLrtmdK2l@75a#PiZ-"
        "Vl9&<WKV|+}gw80$#LP}x-8(m^KU?VYbT>^N=;_4~y>d7FjIdcwiy~P@%ZfJ)nJcn<&CIe82)P)if?f^L$w4u|w$"
        "Wt(aN2H46BpOSD3%%EgJJKuXubDNj)1$nmHX8?xNdrhWMqWB>u*y&D8EQhOi=%NukM=%UPDfcm1{am>PBfQJ2z)-"
        "^bMwIPEkQ+tD9a<%P$*LjWaChLcCqUl3Vm3tP7yZv>MPKURU2>T`B#Qjl5rkR<9b}~>FJ}O981ev1`SMvs|8(f6G"
        "d%*B0}S-(P|F$`uVg5XARHedH&^L75y%dtr4W6z^4m<f#w`hnE?qmm57b!kASInbPft|xvpTmTCye~*kuj&dNqfu"
        "^VgB|F<_&)-laKoE-^^q0B%)8Ff|rq^k@l)j@yQqiAZBD@C2NO(g4=_2Yi12KKl2Hu6P}2BLG-yv1%*%`MUH%0VC"
        "8IY_M`zH{NDbRBew&84mUMo#_#bhTy!^g)MZ>8#ct%yF8Qjo)Hy&><zOjA`&moN|xwRY<5{G*1(sEoFq%3c%;7|U"
        "1w8p0c#`AmO>}MMrta3ejD?x^sbsJF*t%Ov7x$4au;@iE|l97B~BaCE9wS(_oowEUnpHI-HpB>iZ)vukJghwL_g6"
        "F08$QlrPYwYg;1kG4`=vyb+%GS^JX#12G9|EqRJyNc%`NJpQ}%9koN($;R+oS+T&^?e$v8ZSyt<OF}~Z8gztIc6~"
        "kaZHESQZljx*JQ!mItDsvT7Hs^;-xXr?tH<ein#@(6$CuE*;q&Lzp2nfc3VGh3Prv_TVianPbs<t7@S)y=8UaA(W"
        "W>0f$&;+Sd?9{|o>m!QMzE;xV#_meFjRLxx*Nzuc2sWE45W|RIk5_m&xeMuyR3-zAsjN9M$5)x87yLc=QE*B+9+{"
        "_ezpfckOnD-+%>krDn4b)gFbBM9SyJruG<_HP569L1W&"
    )
)


def test_gsm_as_old_recorders_write_it() -> None:
    """A coding that Windows's own recorder and dictation machines had."""
    decoded = through_the_process(GSM)
    assert decoded.shape == (1, SAMPLE_RATE * 104 // 100)
    assert np.argmax(np.abs(np.fft.rfft(decoded[0, :SAMPLE_RATE]))) == 300


def amr_wb(frames: int) -> bytes:
    """An AMR-WB file of the lowest bit rate, 20 ms a frame, of parameters drawn anew for each."""
    drawn = np.random.default_rng(3).integers(0, 256, (frames, 17), np.uint8)
    return b"#!AMR-WB\n" + b"".join(b"\x04" + frame.tobytes() for frame in drawn)


def test_amr_wb_as_telephones_write_it() -> None:
    """Nothing here encodes it: what these parameters mean is noise, and as long as its frames are."""
    decoded = through_the_process(amr_wb(150))
    assert decoded.shape == (1, 3 * SAMPLE_RATE) and decoded.any()


def test_amr_wb_in_3gp() -> None:
    """The same packets, as a telephone puts them into its container."""
    target = io.BytesIO()
    source: Any = av.open(io.BytesIO(amr_wb(150)))
    with source, av.open(target, "w", format="3gp") as film:
        stream = film.add_stream_from_template(source.streams.audio[0])
        for number, packet in enumerate(source.demux()):
            if packet.size:
                packet.stream, packet.pts, packet.dts = stream, number * 320, number * 320
                film.mux(packet)
    facts = probe(io.BytesIO(target.getvalue()), "a recording")
    assert (facts.container, facts.codec) == ("mov", "amrwb")
    assert abs(through_the_process(target.getvalue()).shape[1] / SAMPLE_RATE - 3) < PADDED_S


@pytest.mark.parametrize("rate", [1, 1_000, 3_000_000])
def test_rates_that_no_recorder_writes_are_refused(rate: int) -> None:
    """At one sample a second, four thousand of them would unfold to an hour."""
    wav = bytearray(encode("wav", "pcm_s16le"))
    wav[24:32] = rate.to_bytes(4, "little") + (2 * rate).to_bytes(4, "little")
    with pytest.raises(NotAudio, match="its sample rate"):
        probe(io.BytesIO(bytes(wav)), "a.wav")


def test_a_hole_of_years_takes_no_memory() -> None:
    """A time stamp far on, within a length that is claimed, is silence in pieces, and then too long."""
    decoder = Decoder(io.BytesIO(encode("flac", "flac", rate=16_000)), "a.flac")
    object.__setattr__(decoder.facts, "duration_ms", 10**15)
    frames = list(decoder.frames())
    frames[-1].pts = round(10**9 / frames[-1].time_base)
    decoder.frames = lambda: iter(frames)  # type: ignore[method-assign]
    sizes = (block.shape[1] for block in decoder.blocks())
    assert max(itertools.islice(sizes, 20)) <= 60 * SAMPLE_RATE
