"""Which scripts each character of a host name belongs to: Unicode's Script_Extensions property, of Unicode 18.0 (2026).

Of all characters only those that IDNA 2008 lets into a name (RFC 5892, 2), which makes 384 runs. A run is its first and
last code point, and behind the colon the four-letter codes of ISO 15924; Zyyy and Zinh are characters of every script.
Characters that later versions of Unicode add stand in no run, or in that of their neighbours. Made in November 2026
from the `regex` package 2026.11.15, which carries the property, over the code points of `idna` 3.20; Python's
`unicodedata` does not have it.
"""

from __future__ import annotations

from typing import Final

RUNS: Final = """
2D-39:Zyyy 61-7A:Latn B7:Avst+Cari+Copt+Dupl+Elba+Geor+Glag+Gong+Goth+Grek+Hani+Latn+Lydi+Mahj+Perm+Shaw DF-2AF:Latn
2B9-2BB:Zyyy 2BC:Beng+Cyrl+Deva+Latn+Lisu+Thai+Toto 2BD-2C6:Zyyy 2C7:Bopo+Latn 2C8:Zyyy 2C9-2CB:Bopo+Latn 2CC:Zyyy
2CD:Latn+Lisu 2CE-2EE:Zyyy 300:Cher+Copt+Cyrl+Grek+Latn+Perm+Sunu+Tale 301:Cher+Cyrl+Grek+Latn+Osge+Sunu+Tale+Todr
302:Cher+Cyrl+Latn+Tfng 303:Glag+Latn+Sunu+Syrc+Thai 304:Aghb+Cher+Copt+Cyrl+Goth+Grek+Latn+Osge+Syrc+Tfng+Todr
305:Copt+Elba+Glag+Goth+Kana+Latn 306:Cyrl+Grek+Latn+Perm+Tfng 307:Copt+Dupl+Hebr+Latn+Perm+Syrc+Tale+Tfng+Todr
308:Armn+Cyrl+Dupl+Goth+Grek+Hebr+Latn+Perm+Syrc+Tale+Tfng 309:Latn+Tfng 30A:Dupl+Latn+Syrc 30B:Cher+Cyrl+Latn+Osge
30C:Cher+Latn+Tale 30D:Latn+Sunu 30E:Ethi+Latn 30F:Zinh 310:Latn+Sunu 311:Cyrl+Latn+Todr 312:Zinh
313:Grek+Latn+Perm+Todr 314-322:Zinh 323:Cher+Dupl+Kana+Latn+Syrc+Tfng 324:Cher+Dupl+Latn+Syrc 325:Latn+Syrc
326-32C:Zinh 32D:Latn+Sunu+Syrc 32E:Latn+Syrc 32F:Zinh 330:Cher+Latn+Syrc 331:Aghb+Cher+Goth+Latn+Sunu+Syrc+Thai
332-33F:Zinh 342:Grek 346-357:Zinh 358:Latn+Osge 359-35D:Zinh 35E:Aghb+Latn+Todr 35F-362:Zinh 363-36F:Latn
371-373:Grek 375:Copt+Grek 377-3E1:Grek 3E3-3EF:Copt 3F3-3FC:Grek 430-481:Cyrl 483:Cyrl+Perm 484:Cyrl+Glag
485-486:Cyrl+Latn 487:Cyrl+Glag 48B-52F:Cyrl 559-588:Armn 591-5F4:Hebr 610-64A:Arab 64B-655:Arab+Syrc 656-65F:Arab
660-669:Arab+Thaa+Yezi 66E-66F:Arab 670:Arab+Syrc 671-6FF:Arab 710-74F:Syrc 750-77F:Arab 780-7B1:Thaa 7C0-7FD:Nkoo
800-82D:Samr 840-85B:Mand 860-86A:Syrc 870-8FF:Arab 900-950:Deva
951:Beng+Deva+Gran+Gujr+Guru+Knda+Latn+Mlym+Nand+Newa+Orya+Shrd+Taml+Telu+Tirh
952:Beng+Deva+Gran+Gujr+Guru+Knda+Latn+Mlym+Newa+Orya+Taml+Telu+Tirh 953-954:Zinh 955-963:Deva
966-96F:Deva+Dogr+Kthi+Mahj 971-97F:Deva 980-9E3:Beng 9E6-9EF:Beng+Cakm+Sylo 9F0-9FE:Beng A01-A5C:Guru
A66-A6F:Guru+Mult A70-A75:Guru A81-AE3:Gujr AE6-AEF:Gujr+Khoj AF9-AFF:Gujr B01-B71:Orya B82:Taml
B83:Knda+Mlym+Taml+Telu B85-BD7:Taml BE6-BEF:Gran+Taml C00-C6F:Telu C80-CE3:Knda CE6-CEF:Knda+Nand+Tutg CF1-CF3:Knda
D00-D7F:Mlym D81-DF3:Sinh E01-E59:Thai E81-EDF:Laoo F00-FC6:Tibt 1000-103F:Mymr 1040-1049:Cakm+Mymr+Tale
1050-109D:Mymr 10D0-10FF:Geor 1200-138F:Ethi 13A0-13F5:Cher 1401-167F:Cans 1681-169A:Ogam 16A0-16F8:Runr
1700-171F:Tglg 1720-1734:Hano 1740-1753:Buhd 1760-1773:Tagb 1780-17E9:Khmr 1810-18AA:Mong 18B0-18F5:Cans
1900-194F:Limb 1950-1974:Tale 1980-19D9:Talu 1A00-1A1B:Bugi 1A20-1AA7:Lana 1AB0-1AF0:Zinh 1B00-1B73:Bali
1B80-1BBF:Sund 1BC0-1BF3:Batk 1C00-1C4F:Lepc 1C50-1C7D:Olck 1C8A:Cyrl 1CD0:Beng+Deva+Gran+Knda 1CD1:Deva
1CD2:Beng+Deva+Gran+Knda 1CD4:Deva 1CD5:Beng+Deva+Newa+Telu+Tirh 1CD6:Beng+Deva+Telu 1CD7:Deva+Newa+Shrd
1CD8:Beng+Deva+Newa+Telu 1CD9:Deva+Shrd 1CDA:Deva+Knda+Mlym+Orya+Taml+Telu 1CDB:Deva 1CDC-1CDD:Deva+Shrd
1CDE-1CDF:Deva 1CE0:Deva+Shrd 1CE1:Beng+Deva 1CE2:Deva+Newa+Tirh 1CE3-1CE8:Deva 1CE9:Deva+Nand+Newa
1CEA:Beng+Deva+Shrd 1CEB:Deva+Newa 1CEC:Deva 1CED:Beng+Deva+Newa+Shrd 1CEE-1CF1:Deva
1CF2:Beng+Deva+Gran+Knda+Mlym+Nand+Orya+Sinh+Telu+Tirh+Tutg 1CF3:Deva+Gran 1CF4:Deva+Gran+Knda+Tutg 1CF5-1CF7:Beng
1CF8-1CF9:Deva+Gran 1CFA:Nand 1D00-1D25:Latn 1D26-1D2A:Grek 1D2B:Cyrl 1D2F-1D9A:Latn 1DC0-1DC1:Grek 1DC2-1DF7:Zinh
1DF8:Cyrl+Latn+Syrc 1DF9:Zinh 1DFA:Syrc 1DFB-1DFF:Zinh 1E01-1EFF:Latn 1F00-1FF6:Grek 200C-200D:Zinh 208F:Zyyy
214E-2184:Latn 2C30-2C5F:Glag 2C61-2C7B:Latn 2C81-2CF3:Copt 2D00-2D2D:Geor 2D30-2D7F:Tfng 2D80-2DDE:Ethi
2DE0-2DFF:Cyrl 2E2F:Zyyy 3005-3007:Hani 302A-302D:Bopo+Hani 303C:Hani+Hira+Kana 3041-3096:Hira 3099-309A:Hira+Kana
309D-309E:Hira 30A1-30FA:Kana 30FB:Bopo+Hang+Hani+Hira+Kana+Yiii 30FC:Hira+Kana 30FD-30FE:Kana 3105-31BF:Bopo
31F0-31FF:Kana 3400-9FFF:Hani A000-A48C:Yiii A4D0-A4FD:Lisu A500-A62B:Vaii A641-A66E:Cyrl A66F:Cyrl+Glag
A674-A69F:Cyrl A6A0-A6F1:Bamu A717-A71F:Zyyy A723-A787:Latn A788:Zyyy A78C-A7FF:Latn A800-A82C:Sylo A840-A873:Phag
A880-A8D9:Saur A8E0-A8F0:Deva A8F1:Beng+Deva+Tutg A8F2:Deva A8F3:Deva+Taml A8F4-A8FF:Deva A900-A92D:Kali
A930-A953:Rjng A980-A9C0:Java A9CF:Bugi+Java A9D0-A9D9:Java A9E0-A9FE:Mymr AA00-AA59:Cham AA60-AA7F:Mymr
AA80-AADD:Tavt AAE0-AAF6:Mtei AB01-AB2E:Ethi AB30-AB64:Latn AB65:Grek AB66-AB68:Latn ABC0-ABF9:Mtei AC00-D7A3:Hang
FA0E-FA29:Hani FB1E:Hebr FE20-FE2D:Zinh FE2E-FE2F:Cyrl FE73:Arab 10000-100FA:Linb 101FD:Zinh 10280-1029C:Lyci
102A0-102D0:Cari 102E0:Arab+Copt 10300-1032F:Ital 10330-10349:Goth 10350-1037A:Perm 10380-1039D:Ugar 103A0-103CF:Xpeo
10428-1044F:Dsrt 10450-1047F:Shaw 10480-104A9:Osma 104D8-104FB:Osge 10500-10527:Elba 10530-10563:Aghb 10597-105BC:Vith
105C0-105F3:Todr 10600-10767:Lina 10780:Latn 10800-1083F:Cprt 10840-10855:Armi 10860-10876:Palm 10880-1089E:Nbat
108E0-108F5:Hatr 10900-10915:Phnx 10920-10939:Lydi 10940-10959:Sidt 10980-1099F:Mero 109A0-109BF:Merc 10A00-10A3F:Khar
10A60-10A7C:Sarb 10A80-10A9C:Narb 10AC0-10AE6:Mani 10B00-10B35:Avst 10B40-10B55:Prti 10B60-10B72:Phli 10B80-10B91:Phlp
10C00-10C48:Orkh 10CC0-10CF2:Hung 10D00-10D39:Rohg 10D40-10D85:Gara 10E80-10EB1:Yezi 10EC2-10EFF:Arab 10F00-10F27:Sogo
10F30-10F50:Sogd 10F70-10F85:Ougr 10FB0-10FC4:Chrs 10FE0-10FF6:Elym 11000-1107F:Brah 11080-110C2:Kthi 110D0-110F9:Sora
11100-11147:Cakm 11150-11176:Mahj 11180-111DC:Shrd 11200-11241:Khoj 11280-112A8:Mult 112B0-112F9:Sind 11300:Gran
11301:Gran+Taml 11302:Gran 11303:Gran+Taml 11305-11339:Gran 1133B-1133C:Gran+Taml 1133D-11374:Gran 11380-113E2:Tutg
11400-11461:Newa 11480-114D9:Tirh 11580-115DD:Sidd 11600-11659:Modi 11680-116C9:Takr 116D0-116E3:Mymr 11700-11746:Ahom
11800-1183A:Dogr 118C0-118FF:Wara 11900-11959:Diak 119A0-119E4:Nand 11A00-11A47:Zanb 11A50-11A9D:Soyo 11AB0-11ABF:Cans
11AC0-11AF8:Pauc 11B0A:Deva 11B60-11B67:Shrd 11BC0-11BF9:Sunu 11C00-11C59:Bhks 11C72-11CB6:Marc 11D00-11D59:Gonm
11D60-11DA9:Gong 11DB0-11DE9:Tols 11DF0-11DF1:Beng 11EE0-11EF6:Maka 11F00-11F5A:Kawi 11FB0:Lisu 12000-12543:Xsux
12F90-12FF0:Cpmn 13000-143FA:Egyp 14400-14646:Hluw 16100-16139:Gukh 16800-16A38:Bamu 16A40-16A69:Mroo 16A70-16AC9:Tnsa
16AD0-16AF4:Bass 16B00-16B8F:Hmng 16D40-16D79:Krai 16E60-16E7F:Medf 16EBB-16ED3:Berf 16F00-16F9F:Plrd 16FE0:Tang
16FE1:Nshu 16FE3:Hani 16FE4:Kits 16FF0-16FF3:Hani 17000-18AFF:Tang 18B00-18CFF:Kits 18D00-18DF2:Tang 18E00-191D2:Jurc
1AFF0-1B000:Kana 1B001-1B11F:Hira 1B120-1B128:Kana 1B132-1B152:Hira 1B155-1B168:Kana 1B170-1B2FB:Nshu 1BC00-1BC9E:Dupl
1CF00-1CF46:Zinh 1D250-1D252:Zyyy 1D25B-1D25C:Zinh 1D25F-1D281:Zyyy 1DA00-1DAAF:Sgnw 1DF00-1DF96:Latn 1E000-1E02A:Glag
1E08F:Cyrl 1E100-1E14E:Hmnp 1E290-1E2AE:Toto 1E2C0-1E2F9:Wcho 1E4D0-1E4F9:Nagm 1E5D0-1E5FA:Onao 1E6C0-1E6FF:Tayo
1E7E0-1E7FE:Ethi 1E800-1E8D6:Mend 1E922-1E959:Adlm 20000-33479:Hani 3D000-3FC3F:Seal
"""
