"""Mail providers whose addresses anybody can have: such an address says nothing of a company.

Gathered by hand in November 2026 from what the providers themselves offer at sign-up, the large ones of each region
first; the playbook adds to it and takes away from it.
"""

FREE_MAIL: frozenset[str] = frozenset(
    """
    126.com 139.com 163.com aim.com aol.com aol.de bigpond.com bk.ru bluewin.ch bol.com.br bt.com btinternet.com
    btopenworld.com cox.net daum.net earthlink.net email.com fastmail.com fastmail.fm foxmail.com free.fr
    freenet.de gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.eu gmx.fr gmx.net gmx.org gmx.us googlemail.com
    hanmail.net hey.com hotmail.be hotmail.ca hotmail.ch hotmail.co.jp hotmail.co.uk hotmail.com hotmail.com.ar
    hotmail.com.br hotmail.de hotmail.es hotmail.fr hotmail.it hotmail.nl hotmail.se hushmail.com icloud.com
    ig.com.br inbox.com inbox.lv inbox.ru interia.pl iol.pt kolabnow.com kpnmail.nl laposte.net libero.it list.ru
    live.be live.ca live.cn live.co.uk live.com live.com.au live.com.mx live.de live.dk live.fr live.it live.nl
    live.no live.se mac.com mail.com mail.de mail.ee mail.ru mailbox.org mailo.com me.com msn.com mweb.co.za
    naver.com netscape.net neuf.fr ntlworld.com o2.pl oi.com.br onet.pl online.de optonline.net optusnet.com.au
    orange.fr outlook.at outlook.be outlook.co.id outlook.com outlook.com.au outlook.com.br outlook.cz outlook.de
    outlook.dk outlook.es outlook.fr outlook.ie outlook.in outlook.it outlook.jp outlook.kr outlook.pt outlook.sa
    passport.com planet.nl pm.me posteo.at posteo.ch posteo.de posteo.net proton.me protonmail.ch protonmail.com
    qq.com rambler.ru rediffmail.com rocketmail.com runbox.com sapo.pt sbcglobal.net seznam.cz sfr.fr shaw.ca
    sina.cn sina.com sky.com skynet.be sohu.com sympatico.ca t-online.de talktalk.net telefonica.net telenet.be
    telus.net terra.com.br terra.es tim.it tiscali.co.uk tiscali.it tuta.com tuta.io tutamail.com tutanota.com
    tutanota.de ukr.net uol.com.br verizon.net videotron.ca virgilio.it virgin.net virginmedia.com vodafone.de
    wanadoo.es wanadoo.fr web.de windowslive.com wp.pl xs4all.nl xtra.co.nz ya.ru yahoo.ca yahoo.co.id yahoo.co.in
    yahoo.co.jp yahoo.co.nz yahoo.co.uk yahoo.co.za yahoo.com yahoo.com.ar yahoo.com.au yahoo.com.br yahoo.com.cn
    yahoo.com.hk yahoo.com.mx yahoo.com.ph yahoo.com.sg yahoo.com.tr yahoo.com.tw yahoo.com.vn yahoo.de yahoo.dk
    yahoo.es yahoo.fr yahoo.gr yahoo.ie yahoo.in yahoo.it yahoo.nl yahoo.no yahoo.pl yahoo.ro yahoo.se yandex.by
    yandex.com yandex.kz yandex.ru yeah.net ymail.com zoho.com zohomail.com
    """.split()  # noqa: SIM905  words are easier to keep in order than a list of two hundred lines
)
