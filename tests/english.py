"""Tells English from Spanish by its commonest words: those that no Spanish text has."""
import re

WORDS = frozenset(
    """
    about above accept access according action actions active activities activity add added after again against all allow
    allowed already also always amount and another answer answered answers any apply approve approved archive archived are
    ask asked assign assigned assignee attach attached attachment attachments available away back because been before
    below between body but button by can cancelled cannot card case cases change changed changes check checked choose
    clear click client clients close closed comes comment comments company complete completed configuration confirm
    confirmed contact content contacts could country create created creation current currency customer customers daily
    dashboard date day days deadline delete deleted deliver delivered delivery description details discard discussion
    display do document documents does done download draft drop due during each earlier edit either empty enable
    end enter every everybody everyone except expected export failed feedback field fields file filed files filing
    fill filter filters find first follow followed follower followers following follows for form found from full gave get
    give given gives go goes got group has have header held help here hidden hide hour hours how if import imported in's
    incoming information internal invite invited is issue it item items its itself job join keep kept kind know known label
    language last late later lead leave left less letter link linked loading log logged longer look made mail mails
    main make management manager may message messages might missing month months more most move must name named need
    needed needs never new next nobody none not note notes nothing notice now number of off old one ones online only open
    opened order other others our out outgoing over overdue own owner page parent pending people person phone place please
    position possible post posted prepare press previous print printed priority process profile properties provide
    published quarter question questions rate rated rating ratings read ready reason reasons receive received recipient
    recipients record recorded records reference refused register related remaining remove removed report reports request
    requests required reset responsible result results return returned review role rule rules run same save saved search
    see select selected send sender sending sent sequence service set settings shared should show shown shows sign since
    site size some source start started state status step steps still street subject submit such summary survey surveys
    sure tag tags take taken task tax tell template than thank thanks that the their them then there these they thing
    this those through time title to today together tomorrow too track tracking translation translations try type types
    unread until unknown up update updated upload use used user users value values version view views wait waiting waits
    warning was way we website week weeks welcome went were what when where whether which while who whole whom whose why
    will with within without work working works would write written wrote year years yes yesterday yet you your
    """.split()  # noqa: SIM905
)

#: what Spanish writes alike, or as a name
SPANISH = frozenset({"active", "archive", "complete", "invite", "may", "note", "online", "prepare", "use"})
TOKEN = re.compile(r"[^\W\d_]+(?:'s)?")
#: what is no prose: addresses, code, names of files, placeholders
CODE = re.compile(
    r"https?://\S+|\S+@\S+|[\w./-]+\.(?:com|co|org|net|pdf|zip|xlsx|json|py|txt|csv|eml)\b|\{\{.*?\}\}|%\(\w+\)[sd]"
    r"|\{\w+\}|\b\w*[_/=]\w[\w/=]*|\b[A-Z0-9]+(?:-[A-Z0-9]+)+\b"
    r"|\b[A-Z][a-z]+(?:-[A-Z][a-z]+)+\b"  # headers of mails
)


def find_english(text):
    """The English words of a text, in order; of one word alone those that are certain."""
    words = [word.lower() for word in TOKEN.findall(CODE.sub(" ", text or ""))]
    return [word for word in words if word in WORDS and word not in SPANISH]
